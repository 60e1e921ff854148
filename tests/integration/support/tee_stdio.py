"""Stands between a gateway and its stdio child and writes every line that passes to a file: "> " to the child, "< " from it.

Usage: tee_stdio.py LOG COMMAND [ARGUMENT...]
"""

import subprocess
import sys
import threading


def main(log_path: str, command: list[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    log, lock = open(log_path, "ab", buffering=0), threading.Lock()

    def copy(source, sink, mark: bytes) -> None:
        for line in source:
            with lock:
                log.write(mark + line)
            try:
                sink.write(line)
                sink.flush()
            except BrokenPipeError:
                return
        sink.close()

    inward = threading.Thread(target=copy, args=(sys.stdin.buffer, child.stdin, b"> "), daemon=True)
    inward.start()
    copy(child.stdout, sys.stdout.buffer, b"< ")
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
