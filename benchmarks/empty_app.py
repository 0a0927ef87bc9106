"""The yardstick for requests per second: a FastAPI application that does nothing.

Run by `python -m benchmarks.empty_app PORT`.
"""

import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

app = FastAPI()


@app.get("/sync")
def empty_sync() -> dict[str, bool]:
    """Answer from the thread pool."""
    return {"ok": True}


@app.get("/async")
async def empty_async() -> dict[str, bool]:
    """Answer from the event loop."""
    return {"ok": True}


@app.post("/async")
async def empty_post(body: dict[str, Any]) -> dict[str, int]:
    """Parse a JSON body and do nothing with it."""
    return {"members": len(body)}


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
