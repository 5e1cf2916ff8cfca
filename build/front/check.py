"""Puts nginx and Varnish before a real Orthanc with the plugin, each with its recipe, and tries to get a wrong response out of them.

Run by build/front.sh: check.py LIBRARY WORK-DIRECTORY [nginx] [varnish]
"""
import base64
import gzip
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = "/usr/lib/python3/dist-packages/pydicom/data/test_files"
failures = 0
passed = 0


def expect(what, found, wanted):
    global failures, passed
    if found == wanted:
        passed += 1
        print(f"  ok    {what}")
    else:
        failures += 1
        print(f"  WRONG {what}: {str(found)[:200]!r} instead of {str(wanted)[:200]!r}")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def until(what, condition, process=None):
    """Asks again until it is so; the limit only ends a broken run."""
    for _ in range(600):
        if condition():
            return
        if process is not None and process.poll() is not None:
            sys.exit(f"{what}: the process ended with {process.returncode}")
        time.sleep(0.05)
    sys.exit(f"This did not happen: {what}")


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.raw = response.read()

    def __getitem__(self, name):
        return self.headers.get(name, "")

    @property
    def body(self):
        coding = self["Content-Encoding"]
        return gzip.decompress(self.raw) if coding == "gzip" else zlib.decompress(self.raw) if coding == "deflate" else self.raw


def request(port, path, user="alice", method="GET", body=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        if user:
            names["Authorization"] = "Basic " + base64.b64encode(f"{user}:{user}-secret".encode()).decode()
        connection.request(method, path, body=body, headers=names)
        return Answer(connection.getresponse())
    finally:
        connection.close()


def answers(port):
    try:
        return request(port, "/system").status < 500
    except OSError:
        return False


def samples():
    """Files of one patient with several series, and others."""
    folder = DATA + "/dicomdirtests"
    found = []
    for path, _, names in sorted(os.walk(folder)):
        found += [os.path.join(path, name) for name in sorted(names) if not name.startswith("DICOMDIR") and "." not in name]
    return found


class Orthanc:
    def __init__(self, library, directory):
        self.port = free_port()
        self.directory = directory
        os.makedirs(directory)
        # Alice may see everything, Bob nothing of the studies: as an authorization plugin would have it, request by request.
        with open(directory + "/filter.lua", "w", encoding="utf-8") as script:
            script.write("function IncomingHttpRequestFilter(method, uri, ip, username, headers)\n"
                         "  return username ~= 'bob' or string.find(uri, '/studies') == nil\nend\n")
        with open(directory + "/orthanc.json", "w", encoding="utf-8") as file:
            json.dump({
                "StorageDirectory": directory + "/db", "IndexDirectory": directory + "/db", "HttpPort": self.port, "RemoteAccessAllowed": False,
                "DicomServerEnabled": False, "AuthenticationEnabled": True, "OverwriteInstances": True, "LuaScripts": [directory + "/filter.lua"],
                "RegisteredUsers": {"alice": "alice-secret", "bob": "bob-secret"}, "Plugins": [library],
                "ResponseCache": {"Directory": directory + "/cache", "WarmUp": False},
            }, file)
        self.start()

    def start(self):
        with open(self.directory + "/log", "ab") as log:
            self.process = subprocess.Popen(["Orthanc", self.directory + "/orthanc.json"], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        until("Orthanc answers", lambda: answers(self.port), self.process)

    def stop(self):
        self.process.terminate()
        return self.process.wait()


class Nginx:
    name = "nginx"

    def __init__(self, orthanc, directory):
        self.port = free_port()
        self.stored = directory + "/cache"
        os.makedirs(self.stored)
        with open(HERE + "/nginx.conf", encoding="utf-8") as file:
            recipe = file.read()
        for name, value in (("/var/cache/nginx/orthanc", self.stored), ("127.0.0.1:8042", f"127.0.0.1:{orthanc}"),
                            ("127.0.0.1:8080", f"127.0.0.1:{self.port}"), ("/run/orthanc-front.sock", directory + "/front.sock")):
            assert name in recipe, name
            recipe = recipe.replace(name, value)
        temporary = "".join(f"  {kind}_temp_path {directory}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(directory + "/nginx.conf", "w", encoding="utf-8") as file:
            file.write(f"daemon off;\npid {directory}/pid;\nerror_log {directory}/error.log warn;\nworker_processes 2;\nuser root;\nevents {{ }}\n"
                       f"http {{\n  access_log off;\n{temporary}\n{recipe}\n}}\n")
        self.process = subprocess.Popen(["nginx", "-p", directory, "-c", directory + "/nginx.conf"], stdin=subprocess.DEVNULL)
        until("nginx answers", lambda: answers(self.port), self.process)

    def from_here(self, answer):
        return answer["X-Cache-Status"] == "REVALIDATED"

    def on_disk(self):
        return [os.path.join(path, name) for path, _, names in os.walk(self.stored) for name in names]


class Varnish:
    name = "Varnish"

    def __init__(self, orthanc, directory):
        self.port = free_port()
        self.directory = directory
        with open(HERE + "/varnish.vcl", encoding="utf-8") as file:
            recipe = file.read()
        assert '.port = "8042"' in recipe
        with open(directory + "/varnish.vcl", "w", encoding="utf-8") as file:
            file.write(recipe.replace('.port = "8042"', f'.port = "{orthanc}"'))
        self.process = subprocess.Popen(
            ["varnishd", "-F", "-n", directory + "/n", "-a", f"127.0.0.1:{self.port}", "-f", directory + "/varnish.vcl", "-s", "malloc,256m", "-j", "none"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until("Varnish answers", lambda: answers(self.port), self.process)

    def from_here(self, answer):
        return answer["X-Cache-Status"] == "REVALIDATED"

    def on_disk(self):
        return []


def settled(orthanc, path):
    until("a response gets a validator", lambda: request(orthanc.port, path)["ETag"] != "")


def check(kind, orthanc, directory):
    os.makedirs(directory)
    front = kind(orthanc.port, directory)
    try:
        print(f"{front.name}:")
        files = samples()
        uploaded = {}
        for file in files[:12]:
            with open(file, "rb") as stream:
                answer = request(front.port, "/instances", method="POST", body=stream.read())
            expect_ok = json.loads(answer.body)
            uploaded[expect_ok["ID"]] = (file, expect_ok["ParentStudy"])
        expect("uploads go through", len(uploaded), 12)
        study = max({s for _, s in uploaded.values()}, key=lambda s: sum(1 for _, t in uploaded.values() if t == s))
        path = f"/studies/{study}/instances-tags?simplify"
        settled(orthanc, path)

        # With authentication.
        expect("nobody without a name, before", request(front.port, path, user=None).status, 401)
        first = request(front.port, path)
        expect("Alice gets it", (first.status, first.body), (200, request(orthanc.port, path).body))
        second = request(front.port, path)
        expect("the second time it comes from here, after a 304", front.from_here(second), True)
        expect("with the same body", second.body, first.body)
        expect("nobody without a name, now that it is stored", request(front.port, path, user=None).status, 401)
        denied = request(front.port, path, user="bob")
        expect("Bob may not have it, now that it is stored", (denied.status, first.body in denied.body), (403, False))
        expect("nor with the validator", request(front.port, path, user="bob", If_None_Match=first["ETag"]).status, 403)
        expect("nor with a wrong password", request(front.port, path, user=None, Authorization="Basic YWxpY2U6eA==").status, 401)
        # In Varnish the refusal has taken the place of what was stored, so the next response may be a whole one.
        third, fourth = request(front.port, path), request(front.port, path)
        expect("and Alice still gets it, and from here", (third.body == first.body, fourth.body == first.body, front.from_here(fourth)), (True, True, True))

        # With revalidation by clients.
        expect("a client's validator gets a 304", (request(front.port, path, If_None_Match=first["ETag"]).status, request(front.port, path, If_None_Match='"x"').status), (304, 200))
        expect("HEAD, which Orthanc cannot do", request(front.port, path, method="HEAD").status, 200)

        # Representations are stored apart.
        short = f"/studies/{study}/shared-tags"
        for number in (1, 2):
            for accept in ("application/json", "application/xml"):
                for coding in ("gzip", "identity", "gzip;q=0, deflate", "zstd, br"):
                    one = request(front.port, short, Accept=accept, Accept_Encoding=coding)
                    direct = request(orthanc.port, short, Accept=accept, Accept_Encoding="identity")
                    if (one.status, one.body, one["Content-Type"]) != (200, direct.body, direct["Content-Type"]):
                        expect(f"{accept}, {coding}, time {number}", (one["Content-Type"], one.body), (direct["Content-Type"], direct.body))
        expect("JSON and XML, in every coding, are Orthanc's", True, True)

        # Tokens.
        for _ in range(2):
            tokened = request(front.port, short + "?token=do-not-keep-me")
            expect("a token does not hinder", (tokened.status, tokened.body), (200, request(orthanc.port, short).body))
        traces = [f for f in front.on_disk() if any(secret in open(f, "rb").read() for secret in (b"do-not-keep-me", b"alice", b"YWxpY2U6"))]
        expect("and neither it nor who asked is on disk", traces, [])

        # After mutations: what the front says is what Orthanc says, at once.
        generator = random.Random(7)
        watched = [path, short, f"/studies/{study}/attachments"] + [f"/instances/{i}/{r}" for i in list(uploaded)[:3] for r in ("tags", "metadata?expand", "attachments")]
        wrong = 0
        compared = 0
        for _ in range(25):
            chosen = generator.choice(list(uploaded))
            if generator.random() < 0.5:
                request(front.port, f"/instances/{chosen}", method="DELETE")
            else:
                request(front.port, f"/instances/{chosen}/metadata/1024", method="PUT", body=str(generator.random()).encode())
            for one in watched:
                for _ in range(2):
                    through, direct = request(front.port, one), request(orthanc.port, one)
                    compared += 1
                    wrong += (through.status, through.body if direct.status == 200 else b"") != (direct.status, direct.body if direct.status == 200 else b"")
            with open(uploaded[chosen][0], "rb") as stream:
                request(front.port, "/instances", method="POST", body=stream.read())
        expect(f"after 25 mutations, no stale response among {compared}", wrong, 0)
        # Stored responses, too: wait until there are validators again, delete what one is about, and ask.
        settled(orthanc, path)
        request(front.port, path)
        request(front.port, path)
        victim = next(i for i, (_, s) in uploaded.items() if s == study)
        request(orthanc.port, f"/instances/{victim}", method="DELETE")
        expect("a deletion behind its back", request(front.port, path).body, request(orthanc.port, path).body)
        expect("and what was deleted", request(front.port, f"/instances/{victim}/tags").status, 404)

        # Many at once.
        settled(orthanc, path)
        right = request(orthanc.port, path).body
        got = []
        def ask(user, wanted):
            for _ in range(20):
                one = request(front.port, path, user=user)
                got.append(one.status == wanted and (wanted != 200 or one.body == right))
        threads = [threading.Thread(target=ask, args=who) for who in (("alice", 200), ("bob", 403), (None, 401), ("alice", 200)) * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect("eight clients at once, each gets what is for it", (len(got), all(got)), (160, True))

        # Viewers.
        expect("Orthanc Explorer", request(front.port, "/app/explorer.html").status, 200)
        instance = next(i for i in uploaded if i != victim)
        for route in (f"/instances/{instance}/preview", f"/instances/{instance}/frames/0/raw", f"/instances/{instance}/file", f"/instances/{instance}/simplified-tags?_=1676905200000"):
            through, direct = request(front.port, route), request(orthanc.port, route)
            expect(f"a viewer's {route.split('/', 3)[3]}", (through.status, through.body), (direct.status, direct.body))
        archive = request(front.port, f"/studies/{study}/archive")
        expect("an archive", (archive.status, archive.raw[:2]), (200, b"PK"))
        expect("a job", request(front.port, f"/studies/{study}/archive", method="POST", body=b'{"Asynchronous": true}').status, 200)

        # Without Orthanc nothing is answered, rather than something old.
        request(front.port, path)
        code = orthanc.stop()
        expect("Orthanc stops cleanly", code, 0)
        expect("without Orthanc there is no response", request(front.port, path).status in (502, 503, 504), True)
        orthanc.start()
        until("the front finds it again", lambda: request(front.port, path).status == 200)
        expect("and with it again the right one", request(front.port, path).body, request(orthanc.port, path).body)
    finally:
        front.process.terminate()
        front.process.wait()


def main(library, work, *kinds):
    orthanc = Orthanc(library, work + "/orthanc")
    try:
        for kind in (Nginx, Varnish):
            if not kinds or kind.name.lower() in kinds:
                check(kind, orthanc, work + "/" + kind.name.lower())
    finally:
        if orthanc.process.poll() is None:
            expect("Orthanc stops cleanly at the end", orthanc.stop(), 0)
    print(f"{passed} passed, {failures} failed")
    sys.exit(1 if failures else 0)


main(*sys.argv[1:])
