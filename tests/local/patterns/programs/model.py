"""A task whose output an app serves: by the latest run of the task, and by a file given when it is served."""

import os
from pathlib import Path

import flyte
import flyte.app
from fastapi import FastAPI
from flyte.app import Parameter, RunOutput, get_parameter
from flyte.app.extras import FastAPIAppEnvironment
from flyte.io import File

train_env = flyte.TaskEnvironment(name="training")


@train_env.task
async def train(factor: int) -> File:
    Path("model.txt").write_text(str(factor))
    return await File.from_local("model.txt")


app = FastAPI()
env = FastAPIAppEnvironment(
    name="model",
    app=app,
    requires_auth=False,
    parameters=[
        Parameter(
            "weights", RunOutput(type="file", task_name="training.train"), mount="weights/", env_var="WEIGHTS_PATH"
        ),
        Parameter("given", type="file"),
        Parameter("unit", "mm"),
    ],
)


@app.get("/scale/{value}")
def scale(value: int) -> dict[str, object]:
    factor = int(Path(os.environ["WEIGHTS_PATH"]).read_text())
    return {"value": factor * value, "unit": get_parameter("unit"), "given": Path(get_parameter("given")).read_text()}


if __name__ == "__main__":
    flyte.init_from_config(root_dir=Path(__file__).parent)
    run = flyte.run(train, factor=3)
    run.wait(quiet=True)
    other = flyte.run(train, factor=8)
    other.wait(quiet=True)
    file = File.from_existing_remote(other.outputs()[0].path)
    flyte.with_servecontext(parameter_values={"model": {"given": file}}).serve(env)
