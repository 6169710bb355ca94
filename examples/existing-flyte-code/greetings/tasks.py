"""A task, as it would be in any Flyte project: no line of it knows of Pulumi."""

import flyte

letters = flyte.TaskEnvironment(name="letters", resources=flyte.Resources(cpu=1, memory="256Mi"))


@letters.task(triggers=flyte.Trigger("nightly", flyte.Cron("0 2 * * *"), inputs={"text": "hello"}))
async def count(text: str) -> int:
    """How many letters the text has."""
    return sum(character.isalpha() for character in text)
