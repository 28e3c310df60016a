"""Runs llama.cpp inside our own process, as a server on loopback that only we can use."""

import asyncio
import atexit
import secrets
import threading
from pathlib import Path
from typing import Any

import httpx2
import xllamacpp  # type: ignore[import-untyped]  # it comes without types

from pipelines.models.catalogue import EmbeddedModel
from pipelines.models.checking import require
from pipelines.models.endpoints import Endpoint
from pipelines.models.errors import ModelLoadError, ModelMissingError
from pipelines.models.machine import cores
from pipelines.models.openai_compatible import OpenAICompatibleChatModel

CONTEXT_TOKENS = 4096
# Tokens read in one go; between two goes a cancelled question ends.
BATCH_TOKENS = 256
# A server that says how far it has read notices who has hung up; without it, it reads to the end.
SAY_PROGRESS = {"return_progress": True}
# Where prompts that were read before wait to be used again; 4096 tokens of the largest are 112 MiB.
CACHE_MIB = 512


class EmbeddedServer:
    """One model of the catalogue in llama.cpp.

    Attributes:
        folder: of the model files.
        context_tokens: no more than the model was made for.
        threads: of the processor; 0 takes all cores that are ours.
        adapter: a GGUF that was tuned for the model and is added to it, for good: another one is
            another server.
    """

    def __init__(
        self,
        model: EmbeddedModel,
        folder: Path,
        *,
        context_tokens: int = CONTEXT_TOKENS,
        threads: int = 0,
        adapter: Path | None = None,
    ) -> None:
        self.model = model
        self.folder = folder
        self.adapter = adapter
        self.context_tokens = min(context_tokens, model.context_tokens)
        self.threads = threads or cores()
        self._key = secrets.token_urlsafe(32)
        # Loading cannot be interrupted. Whoever closes meanwhile waits here for its end.
        self._loading = threading.Lock()
        self._server: xllamacpp.Server | None = None

    async def open(self) -> Endpoint:
        """Load the model where it is not loaded yet: 1 to 8 seconds.

        Raises:
            ModelMissingError, ModelDamagedError: it has to be fetched.
            ModelLoadError: too little memory, or a file that llama.cpp does not know.
        """
        address = await asyncio.to_thread(self._load)
        return Endpoint(f"{address}/v1", self._key, extra=SAY_PROGRESS | self._lora())

    async def close(self) -> None:
        """Free memory and port. An answer that is still being written is waited for."""
        await asyncio.to_thread(self._release)

    def _lora(self) -> dict[str, Any]:
        """Which adapters count: unsaid, what was read with others is taken from the cache."""
        return {"lora": [{"id": 0, "scale": 1.0}] if self.adapter else []}

    def _load(self) -> str:
        with self._loading:
            if self._server is None:
                path = require(self.model, self.folder)
                if self.adapter and not self.adapter.is_file():
                    raise ModelMissingError(
                        f"The adapter {self.adapter} is not there.",
                        what_to_do="What serves: tertulia learn status. Take it back: "
                        "tertulia learn rollback model",
                    )
                self._server = self._started(path)
                # Threads of the server that outlive the interpreter crash it.
                atexit.register(self._release)
            return str(self._server.listening_address)

    def _started(self, path: Path) -> xllamacpp.Server:
        try:
            server = xllamacpp.Server(self._parameters(path))
        except RuntimeError as error:
            raise ModelLoadError(
                f"llama.cpp could not load the model {self.model.name} from {path}.",
                what_to_do="Free some memory or choose a smaller model in CHAT_MODEL; "
                "`tertulia models` says what each one needs.",
            ) from error
        self._wait_until_it_works(str(server.listening_address))
        return server

    def _wait_until_it_works(self, address: str) -> None:
        """Have one token written: a server closed before its loop has begun would never end."""
        httpx2.post(
            f"{address}/completion",
            headers={"Authorization": f"Bearer {self._key}"},
            json={"prompt": " ", "n_predict": 1, "cache_prompt": False},
            timeout=60.0,
            trust_env=False,
        )

    def _release(self) -> None:
        with self._loading:
            if self._server is not None:
                self._server = None
                atexit.unregister(self._release)

    def _parameters(self, path: Path) -> xllamacpp.CommonParams:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(path)
        parameters.model_alias = {self.model.name}
        parameters.hostnames = ["127.0.0.1"]
        parameters.port = 0
        # Other users of this machine reach the port, too.
        parameters.api_keys = [self._key]
        parameters.ui = False
        parameters.verbosity = 0
        parameters.use_jinja = True
        parameters.n_ctx = self.context_tokens
        parameters.n_parallel = 1
        parameters.n_batch = BATCH_TOKENS
        parameters.n_ubatch = BATCH_TOKENS
        parameters.cache_prompt = True
        parameters.cache_ram_mib = CACHE_MIB
        parameters.cpuparams.n_threads = self.threads
        parameters.cpuparams_batch.n_threads = self.threads
        if self.adapter:
            parameters.lora_adapters = [xllamacpp.CommonAdapterLoraInfo(str(self.adapter), 1.0)]
        return parameters


def embedded_chat_model(
    model: EmbeddedModel,
    folder: Path,
    *,
    context_tokens: int = CONTEXT_TOKENS,
    threads: int = 0,
    timeout_s: float = 120.0,
    adapter: Path | None = None,
) -> OpenAICompatibleChatModel:
    """A chat model over an embedded server; nothing is loaded before `start`."""
    server = EmbeddedServer(
        model, folder, context_tokens=context_tokens, threads=threads, adapter=adapter
    )
    return OpenAICompatibleChatModel(
        f"embedded:{model.name}{f'+{adapter.stem}' if adapter else ''}",
        server,
        model=model.name,
        context_tokens=server.context_tokens,
        timeout_s=timeout_s,
    )
