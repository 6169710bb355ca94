// Live logs. Every page works without this: it then shows a log's end, and reloading shows the end of that time.
"use strict";

const MOST_LINES = 2000;
const MOST_AT_BOTTOM = 30;

class Follower {
  constructor(log) {
    this.log = log;
    this.box = document.getElementById("follow");
    this.said = document.getElementById("log-state");
    this.position = log.dataset.position;
    this.ended = false;
    log.scrollTop = log.scrollHeight;
    this.box.closest("label").hidden = false;
    this.box.addEventListener("change", () => this.update());
    document.addEventListener("visibilitychange", () => this.update());
    // A page that is kept for the back button would keep its connection, of which a browser has few.
    window.addEventListener("pagehide", () => this.close());
    window.addEventListener("pageshow", () => this.update());
    this.update();
  }

  update() {
    if (this.box.checked && !document.hidden && !this.ended) this.open();
    else this.close();
  }

  open() {
    if (this.source) return;
    const url = new URL(this.log.dataset.live, location.href);
    url.searchParams.set("from", this.position);
    this.source = new EventSource(url);
    this.source.onopen = () => this.say("Live.");
    this.source.onerror = () => this.say("The server does not answer; trying again.");
    this.source.onmessage = (event) => {
      // Of the pieces of one reading only the last has an id.
      this.position = event.lastEventId || this.position;
      this.add(JSON.parse(event.data));
    };
    this.source.addEventListener("status", (event) => show(JSON.parse(event.data)));
    this.source.addEventListener("end", () => {
      this.ended = true;
      this.close();
      this.say("The log has ended. Reload the page for what came of it.");
    });
  }

  close() {
    if (this.source) this.source.close();
    this.source = null;
    if (!this.ended) this.say("");
  }

  say(text) {
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  add(lines) {
    const { scrollHeight, scrollTop, clientHeight } = this.log;
    const atBottom = scrollHeight - scrollTop - clientHeight < MOST_AT_BOTTOM;
    for (const { text, kind } of lines.slice(-MOST_LINES)) {
      const line = document.createElement("span");
      if (kind) line.className = `line-${kind}`;
      line.textContent = `${text}\n`;
      this.log.append(line);
    }
    while (this.log.childElementCount > MOST_LINES) this.log.firstElementChild.remove();
    if (atBottom) this.log.scrollTop = this.log.scrollHeight;
  }
}

function show(status) {
  for (const [name, text] of Object.entries(status)) {
    const place = document.querySelector(`[data-status="${name}"]`);
    if (!place || place.textContent === text) continue;
    place.textContent = text;
    if (name === "phase") place.className = `phase ${text.replaceAll(" ", "_")}`;
  }
}

for (const log of document.querySelectorAll("pre[data-live]")) new Follower(log);
