"""A service with a model in memory. It answers in milliseconds; a task for each text would take seconds."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI(title="scorer")
GOOD, BAD = {"good", "great", "love"}, {"bad", "awful", "broken"}


class Review(BaseModel):
    text: str


@app.post("/score")
async def score(review: Review) -> float:
    """Return a score between -1 and 1, or 0 if no word is known."""
    words = review.text.lower().split()
    scores = [1 if word in GOOD else -1 for word in words if word in GOOD | BAD]
    return sum(scores) / len(scores) if scores else 0.0
