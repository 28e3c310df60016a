"""The servers that tests run against are real ones."""

import httpx2

from docker.services.ollama_models import MODELS


async def test_elasticsearch_is_real_and_can_search(elasticsearch_url: str) -> None:
    async with httpx2.AsyncClient(base_url=elasticsearch_url, timeout=30) as client:
        said = (await client.get("/")).raise_for_status().json()
        assert said["tagline"] == "You Know, for Search"
        assert said["version"]["number"].partition(".")[0] in {"8", "9"}
        health = (await client.get("/_cluster/health")).raise_for_status().json()
        assert health["status"] in {"yellow", "green"}
        words = {"analyzer": "spanish", "text": "las vacaciones"}
        tokens = (await client.post("/_analyze", json=words)).raise_for_status().json()["tokens"]
        assert [token["token"] for token in tokens] == ["vacacion"]


async def test_ollama_is_real_and_has_the_small_models(ollama_host: str) -> None:
    async with httpx2.AsyncClient(base_url=ollama_host, timeout=120) as client:
        listed = (await client.get("/api/tags")).raise_for_status().json()["models"]
        assert {f"{name}:latest" for name in MODELS} <= {model["name"] for model in listed}
        question = {
            "model": "smollm2-135m",
            "messages": [{"role": "user", "content": "Say hello."}],
            "stream": False,
            "options": {"num_predict": 1, "temperature": 0},
        }
        answer = (await client.post("/api/chat", json=question)).raise_for_status().json()
        assert answer["eval_count"] == 1
        assert answer["message"]["content"]


async def test_ollama_can_tell_roles_and_tools_of_the_larger_one_apart(ollama_host: str) -> None:
    async with httpx2.AsyncClient(base_url=ollama_host, timeout=120) as client:
        said = await client.post("/api/show", json={"model": "qwen2.5-coder-0.5b"})
        assert {"completion", "tools"} <= set(said.raise_for_status().json()["capabilities"])
