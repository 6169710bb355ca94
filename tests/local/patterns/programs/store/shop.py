"""An app of several files: a module beside it, a package that is imported late, and texts that no import finds."""

from pathlib import Path

from fastapi import FastAPI
from flyte.app.extras import FastAPIAppEnvironment
from pricing import vat

app = FastAPI()
env = FastAPIAppEnvironment(name="store", app=app, requires_auth=False, include=("stock/*.py", "texts/*.txt"))


@app.get("/")
def root() -> dict[str, object]:
    from stock.shelf import count

    return {"vat": vat(100), "stock": count(), "text": Path("texts/welcome.txt").read_text().strip()}
