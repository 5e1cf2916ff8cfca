"""Does what the image's entry script documents, for the check without Docker: configuration from files, then from ORTHANC__ variables, then
the defaults of each plugin that is enabled, whose libraries are linked where Orthanc looks for them.

A variable's name becomes a path of members: two underscores part them, each word gets one capital. Its value is JSON if it parses, else text.

usage: entry.py ROOT OUTPUT
"""
import glob
import json
import os
import sys


def member(name):
    return "".join(word[:1].upper() + word[1:].lower() for word in name.split("_"))


def fill(target, values):
    """Adds what is missing."""
    for key, value in values.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            fill(target[key], value)
        else:
            target.setdefault(key, value)


def main(root, output):
    configuration = {}
    for name, text in os.environ.items():
        if not name.startswith("ORTHANC__"):
            continue
        try:
            value = json.loads(text)
        except ValueError:
            value = text
        path = [member(part) for part in name[len("ORTHANC__"):].split("__")]
        target = configuration
        for part in path[:-1]:
            target = target.setdefault(part, {})
        target[path[-1]] = value
    for file in glob.glob(root + "/startup/plugins-def*.json"):
        with open(file, encoding="utf-8") as stream:
            plugins = json.load(stream)
        for name, plugin in plugins.items():
            section = plugin.get("section", name)
            switch = os.environ.get(plugin["enablingEnvVar"])
            if switch == "false" or (switch is None and section not in configuration):
                continue
            fill(configuration, {section: plugin.get("nonStandardDefaults", {})})
            for library in plugin["libs"]:
                link = f"{root}/usr/share/orthanc/plugins/{library}"
                if not os.path.exists(link):
                    os.link(f"{root}/usr/share/orthanc/plugins-available/{library}", link)
    fill(configuration, {"StorageDirectory": "/var/lib/orthanc/db", "Plugins": ["/usr/share/orthanc/plugins"]})
    with open(root + output, "w", encoding="utf-8") as stream:
        json.dump(configuration, stream, indent=2)


main(*sys.argv[1:])
