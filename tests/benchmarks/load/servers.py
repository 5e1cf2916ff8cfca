"""The servers that are compared. Each listens on 127.0.0.1, lives in a folder of its own and is ended by its own process."""
import http.client
import json
import os
import shutil
import socket
import subprocess
import time


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A process that answers HTTP."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.port, self.process = free_port(), None
        os.makedirs(folder, exist_ok=True)

    def command(self):
        raise NotImplementedError

    def environment(self):
        return dict(os.environ)

    def start(self, probe="/system", timeout=60):
        """Starts it; returns the seconds until it answered."""
        self.log = open(os.path.join(self.folder, "log"), "ab")
        begin = time.monotonic()
        self.process = subprocess.Popen(self.command(), env=self.environment(), stdout=self.log, stderr=self.log)
        while True:
            try:
                if self.get(probe)[0] in (200, 404):
                    return time.monotonic() - begin
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() - begin > timeout:
                raise RuntimeError(f"{self.name} does not start; see {self.folder}/log")
            time.sleep(0.005)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None
            self.log.close()

    def url(self, path):
        return f"http://127.0.0.1:{self.port}{path}"

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def memory(self):
        """Resident and largest resident MB (10^6 bytes), of all processes of the server."""
        now = peak = 0
        for pid in [self.process.pid] + children(self.process.pid):
            with open(f"/proc/{pid}/status") as status:
                lines = dict(line.split(":", 1) for line in status)
            now += int(lines["VmRSS"].split()[0]) * 1024
            peak += int(lines["VmHWM"].split()[0]) * 1024
        return now / 1e6, peak / 1e6

    def processor_time(self):
        """Seconds of CPU that all its processes have used."""
        ticks = 0
        for pid in [self.process.pid] + children(self.process.pid):
            with open(f"/proc/{pid}/stat") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as f:
        return [int(word) for word in f.read().split()]


class Orthanc(Server):
    """Orthanc, bare or with a plugin."""

    def __init__(self, name, folder, storage=None, plugins=(), settings=None, environment=None, arguments=()):
        super().__init__(name, folder)
        self.plugins, self.settings = list(plugins), settings or {}
        self.extra_environment, self.arguments = environment or {}, list(arguments)
        if storage:
            shutil.copytree(storage, os.path.join(folder, "storage"))

    def command(self):
        configuration = {
            "Name": self.name,
            "StorageDirectory": os.path.join(self.folder, "storage"),
            "IndexDirectory": os.path.join(self.folder, "storage"),
            "HttpPort": self.port,
            "HttpBindAddresses": ["127.0.0.1"],
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "DicomServerEnabled": False,
            "KeepAlive": True,
            "HttpCompressionEnabled": False,
            "StableAge": 3600,
            "Plugins": self.plugins,
            **self.settings,
        }
        path = os.path.join(self.folder, "orthanc.json")
        with open(path, "w") as f:
            json.dump(configuration, f, indent=2)
        return ["Orthanc", *self.arguments, path]

    def environment(self):
        return {**os.environ, **self.extra_environment}

    def upload(self, files):
        connection = self.connect()
        for body in files:
            connection.request("POST", "/instances", body)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{self.name} refuses an upload: {answer.status} {text[:200]}")
        connection.close()

    def wait_for_hit(self, path, timeout=60):
        """Asks until the answer is a hit: an answer about what changed within two seconds is not kept."""
        begin = time.monotonic()
        while time.monotonic() - begin < timeout:
            status, headers, _ = self.get(path)
            if "; hit" in headers.get("cache-status", ""):
                return
            time.sleep(0.1)
        raise RuntimeError(f"{self.name}: {path} never becomes a hit (last: {status} {headers.get('cache-status')})")


class Nginx(Server):
    """nginx's proxy_cache in front of an Orthanc."""

    def __init__(self, name, folder, origin, revalidates):
        super().__init__(name, folder)
        self.origin, self.revalidates = origin, revalidates

    def command(self):
        # Bare Orthanc gives no validators, so "revalidation" is a new answer every second.
        validity = ("proxy_cache_valid 200 1s; proxy_cache_revalidate on; proxy_cache_lock on;" if self.revalidates
                    else "proxy_cache_valid 200 1h;")
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w") as f:
            f.write(f"""
{"user root;" if os.geteuid() == 0 else ""} # the workers read folders that nobody else may
daemon off;
worker_processes 2;
pid {self.folder}/pid;
error_log {self.folder}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_requests 100000000;
  client_body_temp_path {self.folder}/body;
  proxy_temp_path {self.folder}/temp;
  fastcgi_temp_path {self.folder}/fastcgi;
  uwsgi_temp_path {self.folder}/uwsgi;
  scgi_temp_path {self.folder}/scgi;
  gzip on;
  gzip_types application/json;
  gzip_proxied any;
  proxy_cache_path {self.folder}/cache levels=1:2 keys_zone=bench:64m max_size=2g inactive=1h;
  upstream orthanc {{ server 127.0.0.1:{self.origin.port}; keepalive 16; }}
  server {{
    listen 127.0.0.1:{self.port};
    location / {{
      proxy_pass http://orthanc;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Accept-Encoding "";
      proxy_cache bench;
      {validity}
    }}
  }}
}}
""")
        return ["nginx", "-c", path, "-e", os.path.join(self.folder, "error.log")]
