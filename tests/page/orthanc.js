// Starts the real Orthanc with the library under test, on a free port of 127.0.0.1 and in a temporary directory.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, openSync, existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const library = process.env.ORTHANC_CACHE_LIBRARY || resolve(here, '../../artifacts/linux-x64/libOrthancResponseCache.so');
const samples = '/usr/lib/python3/dist-packages/pydicom/data/test_files/dicomdirtests';

const freePort = () => new Promise(done => {
  const server = createServer();
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

function* files(directory) {
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) {
      yield* files(path);
    } else if (!name.includes('.') && !name.startsWith('DICOMDIR')) {
      yield path;
    }
  }
}

/** Waits until something is true, and fails when it does not come. */
export async function until(what, condition) {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    if (await condition()) {
      return;
    }
    await new Promise(done => setTimeout(done, 50));
  }
  throw new Error(`This did not happen: ${what}`);
}

export class Orthanc {
  static async start({ port, home, cache = {}, configuration = {} } = {}) {
    if (!existsSync(library)) {
      throw new Error(`${library} is not there: run build/library.sh first.`);
    }
    const orthanc = new Orthanc();
    orthanc.port = port || await freePort();
    orthanc.home = home || mkdtempSync(join(tmpdir(), 'orthanc-response-cache-page.'));
    orthanc.url = `http://127.0.0.1:${orthanc.port}`;
    writeFileSync(join(orthanc.home, 'orthanc.json'), JSON.stringify({
      Name: 'page', StorageDirectory: join(orthanc.home, 'storage'), IndexDirectory: join(orthanc.home, 'storage'),
      HttpPort: orthanc.port, DicomServerEnabled: false, RemoteAccessAllowed: false, AuthenticationEnabled: false, StableAge: 1,
      Plugins: [library], ResponseCache: { Directory: join(orthanc.home, 'cache'), WarmUp: false, ...cache }, ...configuration,
    }));
    const log = openSync(join(orthanc.home, 'log'), 'a');
    orthanc.process = spawn('Orthanc', [join(orthanc.home, 'orthanc.json')], { stdio: ['ignore', log, log] });
    orthanc.ended = new Promise(done => orthanc.process.on('exit', done));
    await until('Orthanc answers', () => fetch(`${orthanc.url}/plugins/response-cache/app/`).then(a => a.status < 500, () => false));
    return orthanc;
  }

  async upload(most = Infinity) {
    for (const path of files(samples)) {
      if (most-- <= 0) {
        break;
      }
      await fetch(`${this.url}/instances`, { method: 'POST', body: readFileSync(path) });
    }
  }

  json = async path => (await fetch(this.url + path)).json();

  /** Ends the process by its own id, and says how it ended. */
  async stop() {
    this.process.kill('SIGTERM');
    return this.ended;
  }

  async dispose() {
    const code = await this.stop();
    rmSync(this.home, { recursive: true, force: true });
    if (code !== 0) {
      throw new Error(`Orthanc ended with ${code}`);
    }
  }
}
