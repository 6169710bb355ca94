"""An ordinary Flyte task. No line of it depends on Pulumi."""

import flyte

letters = flyte.TaskEnvironment(name="letters", resources=flyte.Resources(cpu=1, memory="256Mi"))


@letters.task(triggers=flyte.Trigger("nightly", flyte.Cron("0 2 * * *"), inputs={"text": "hello"}))
async def count(text: str) -> int:
    """Return the number of letters in the text."""
    return sum(character.isalpha() for character in text)
