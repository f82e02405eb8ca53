"""A Spark standalone cluster on loopback: a master and two workers, from the pyspark wheel."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# small data: what compiles and optimises for long runs, in the JVM and in Spark, costs more than it saves
_QUICK_JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
SETTINGS = {
    "spark.sql.shuffle.partitions": "2",
    "spark.executor.memory": "512m",
    "spark.driver.extraJavaOptions": _QUICK_JAVA,
    "spark.executor.extraJavaOptions": _QUICK_JAVA,
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(folder: Path) -> dict[str, str]:
    """Variables that keep Spark on loopback and in a folder, with this Python."""
    import pyspark

    settings = folder / "conf"
    settings.mkdir(exist_ok=True)
    (settings / "spark-defaults.conf").write_text("".join(f"{name} {value}\n" for name, value in SETTINGS.items()))
    return {
        "SPARK_CONF_DIR": str(settings),
        "SPARK_HOME": str(Path(pyspark.__file__).parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_MASTER_HOST": "127.0.0.1",
        "SPARK_LOG_DIR": str(folder / "logs"),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": _QUICK_JAVA,
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


@contextmanager
def spark_cluster(folder: Path, workers: int = 2, seconds: float = 120.0) -> Iterator[str]:
    """The address of a running cluster; it ends with the block."""
    env = {**os.environ, **environment(folder)}
    spark_class = str(Path(env["SPARK_HOME"]) / "bin" / "spark-class")
    port = _free_port()
    address = f"spark://127.0.0.1:{port}"
    deploy = "org.apache.spark.deploy"
    started = []
    logs = [folder / "master.log", *(folder / f"worker{number}.log" for number in range(workers))]
    commands = [
        [f"{deploy}.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"],
        *(
            [f"{deploy}.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-c", "1", "-m", "1g",
             "-d", str(folder / f"work{number}"), address]
            for number in range(workers)
        ),
    ]  # fmt: skip
    try:
        for command, log in zip(commands, logs, strict=True):
            with log.open("wb") as out:
                started.append(subprocess.Popen([spark_class, *command], env=env, stdout=out, stderr=subprocess.STDOUT))
        end = time.monotonic() + seconds
        while len(re.findall("Registering worker", logs[0].read_text(errors="replace"))) < workers:
            if time.monotonic() > end or any(one.poll() is not None for one in started):
                raise RuntimeError("the Spark cluster did not start:\n" + "\n".join(one.read_text() for one in logs))
            time.sleep(0.1)
        yield address
    finally:
        for one in reversed(started):
            one.terminate()
        for one in started:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
