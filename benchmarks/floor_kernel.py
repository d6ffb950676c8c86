"""The floor: a stock `IPKernelApp` around a kernel that does nothing."""

from __future__ import annotations

from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel


class FloorKernel(Kernel):
    """Answers every cell with ok, at once."""

    implementation = "floor"
    implementation_version = "1"
    banner = "does nothing"
    language_info = {  # noqa: RUF012 -- the base class declares it so
        "name": "nothing",
        "version": "1",
        "mimetype": "text/plain",
        "file_extension": ".txt",
    }

    async def do_execute(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Do nothing, and say that it went well."""
        return {
            "status": "ok",
            "execution_count": self.execution_count,
            "payload": [],
            "user_expressions": {},
        }


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=FloorKernel)
