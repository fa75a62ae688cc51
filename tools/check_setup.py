"""Checks after installation that the packages work together; if not, prints one line that says what to do."""

import sys


def main() -> int:
    try:
        import torch
        import torchvision

        torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except (ImportError, RuntimeError, AttributeError) as error:
        print(
            f"torch and torchvision do not work together ({error}); remove the folder .venv and run make again, "
            "so that both are installed from the same index",
            file=sys.stderr,
        )
        return 2
    import cv2

    if not hasattr(cv2, "CascadeClassifier"):
        print(
            f"OpenCV {cv2.__version__} has no CascadeClassifier; install 'opencv-python-headless>=4.13,<5'",
            file=sys.stderr,
        )
        return 2
    print(f"ready: torch {torch.__version__}, torchvision {torchvision.__version__}, OpenCV {cv2.__version__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
