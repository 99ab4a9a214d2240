"""Mount points below folders of ours: an ended program leaves none, a killed one may."""

import pathlib
import subprocess


def below(*folders: pathlib.Path) -> list[str]:
    """Mount points inside of the folders, deepest first."""
    points = [line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    return sorted((point for point in points if any(point.startswith(f"{folder}/") for folder in folders)), key=len, reverse=True)


def unmount_below(*folders: pathlib.Path) -> None:
    for point in below(*folders):
        subprocess.run(["umount", "--lazy", point], capture_output=True)
