"""Files that run a program when they are read: no weights of ours, and none that we take."""

from pathlib import Path

from pipelines.learning.trainers import JobRefusedError

PICKLES = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".npy", ".npz", ".joblib"})


def refuse_pickles(folder: Path) -> None:
    """Go on only where there are none.

    Raises:
        JobRefusedError: names the first one.
    """
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICKLES:
            raise JobRefusedError(
                f"{path} may be a pickle, which runs whatever its author wrote when it is read.",
                what_to_do="Only safetensors are read. Remove it, or convert it where it is from.",
            )
