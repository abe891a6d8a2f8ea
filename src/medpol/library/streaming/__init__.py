"""Claims inputs of any size: decided part after part, in bounded memory, in several processes, resumable."""

from medpol.library.streaming.run import is_streamed, stream_claims
from medpol.library.streaming.sizing import memory_of

__all__ = ["is_streamed", "memory_of", "stream_claims"]
