"""What routes ask for to use models."""

from typing import Annotated

from service.http.dependencies import from_state
from service.models.cache import ModelCache

__all__ = ["ModelCacheDep"]

ModelCacheDep = Annotated[ModelCache, from_state("model_cache")]
