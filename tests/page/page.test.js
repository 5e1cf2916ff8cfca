// The page in Debian's Chromium against a real Orthanc. PAGE_SCREENSHOTS=directory keeps pictures for people to look at.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Orthanc, until } from './orthanc.js';

const pictures = process.env.PAGE_SCREENSHOTS || '';
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
let orthanc;
let browser;
let page;
let study;
let complaints;
let foreign;

async function open(options = {}, path = '/plugins/response-cache/app/') {
  const opened = await browser.newPage({ viewport: { width: 1280, height: 1000 }, ...options }); // with a context of its own
  opened.on('console', m => ['error', 'warning'].includes(m.type()) && complaints.push(m.text()));
  opened.on('pageerror', e => complaints.push(String(e)));
  opened.on('request', r => r.url().startsWith(orthanc.url) || foreign.push(r.url()));
  await opened.goto(orthanc.url + path);
  await opened.locator('#state[data-state="Working"]').waitFor();
  return opened;
}

const number = async selector => Number((await page.locator(selector).textContent()).replace(/[^0-9.]/g, ''));
const status = () => orthanc.json('/plugins/response-cache/status');
const picture = async (opened, name) => {
  if (pictures) {
    mkdirSync(pictures, { recursive: true });
    await opened.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  }
};

before(async () => {
  orthanc = await Orthanc.start();
  await orthanc.upload();
  study = (await orthanc.json('/studies'))[0];
  // Playwright gives each launch a fresh profile, and removes it.
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
  await until('the study has settled', async () =>
    (await fetch(`${orthanc.url}/studies/${study}/shared-tags`)).headers.get('cache-status').includes('hit'));
});

after(async () => {
  await browser?.close();
  await orthanc?.dispose();
});

beforeEach(async () => {
  await page?.close();
  complaints = [];
  foreign = [];
  page = undefined;
  if ((await fetch(`${orthanc.url}/system`)).status === 401) {
    await orthanc.stop();
    orthanc = await Orthanc.start({ port: orthanc.port, home: orthanc.home });
  }
  page = await open();
});

const quiet = () => {
  assert.deepEqual(complaints, []);
  assert.deepEqual(foreign, []);
};

test('loads under its strict policy, with nothing from elsewhere', async () => {
  const response = await fetch(`${orthanc.url}/plugins/response-cache/app/`);
  const policy = response.headers.get('content-security-policy');
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*|http/);
  assert.equal(await page.title(), 'Response cache');
  assert.match(await page.locator('#version').textContent(), /in Orthanc 1\./);
  assert.equal(await page.locator('#routes tr').count(), 16);
  quiet();
});

test('also loads without the slash at its end', async () => {
  await page.close();
  page = await open({}, '/plugins/response-cache/app');
  assert.equal(await page.locator('#routes tr').count(), 16);
  quiet();
});

test('shows what happens while it happens', async () => {
  const before = (await status()).Requests.Hits;
  for (let i = 0; i < 20; i++) {
    await (await fetch(`${orthanc.url}/studies/${study}/shared-tags`)).arrayBuffer();
  }
  await until('the row of the route follows', async () => {
    const cells = await page.locator('#routes tr', { hasText: '…/shared-tags' }).first().locator('td').allTextContents();
    return Number(cells[1].replace(/,/g, '')) >= before + 20;
  });
  await until('the plot has a line', async () => (await page.locator('#ratio-plot .line').getAttribute('d')).length > 0);
  assert.ok(await number('#ratio-start') > 0);
  quiet();
});

test('removes everything only after it was confirmed', async () => {
  await (await fetch(`${orthanc.url}/studies/${study}/shared-tags?simplify`)).arrayBuffer();
  await until('something is cached', async () => (await status()).Disk.Entries > 0);

  await page.locator('#purge').click();
  await page.getByRole('button', { name: 'Keep it' }).click();
  assert.ok((await status()).Disk.Entries > 0);

  await page.locator('#purge').click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Keep it');
  await picture(page, 'confirm');
  await page.keyboard.press('Escape');
  assert.ok((await status()).Disk.Entries > 0);

  await page.locator('#purge').click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await until('all is gone', async () => (await status()).Disk.Entries === 0);
  await until('it is said', async () => /\d+ responses were removed/.test(await page.locator('#message').textContent()));
  quiet();
});

test('warms the archive as a job with a bar', async () => {
  await page.locator('#warm-all').click();
  await page.locator('#jobs li').first().waitFor();
  await until('the job is done', async () => (await page.locator('#jobs li .state').first().textContent()).startsWith('Success'));
  assert.equal(await page.locator('#jobs li progress').first().getAttribute('value').then(Number), 100);
  const hit = await fetch(`${orthanc.url}/studies/${study}/instances-tags?short`);
  assert.match(hit.headers.get('cache-status'), /hit/);
  quiet();
});

test('pauses, resumes and cancels a job', async () => {
  await fetch(`${orthanc.url}/plugins/response-cache/entries`, { method: 'DELETE' });
  // Clients go first, so while one asks again and again the job stays where it is.
  let busy = true;
  const load = (async () => {
    while (busy) {
      await Promise.all(Array.from({ length: 16 }, () => fetch(`${orthanc.url}/studies/${study}/shared-tags`).then(a => a.arrayBuffer())));
    }
  })();
  try {
    await new Promise(done => setTimeout(done, 500));
    await page.locator('#warm-all').click();
    const item = page.locator('#jobs li').first();
    await item.getByRole('button', { name: 'Pause' }).click();
    await until('it is paused', async () => (await item.locator('.state').textContent()).startsWith('Paused'));
    await picture(page, 'job');
    await page.setViewportSize({ width: 360, height: 740 });
    await picture(page, 'job-narrow');
    await page.setViewportSize({ width: 1280, height: 1000 });
    await item.getByRole('button', { name: 'Resume' }).click();
    await until('it runs again', async () => /^(Running|Pending)/.test(await item.locator('.state').textContent()));
    await item.getByRole('button', { name: 'Cancel' }).click();
    await until('it is canceled', async () => (await item.locator('.state').textContent()).startsWith('Failure'));
    await item.getByRole('button', { name: 'Again' }).waitFor();
  } finally {
    busy = false;
    await load;
  }
  await page.locator('#jobs li').first().getByRole('button', { name: 'Again' }).click();
  await until('it succeeds after all', async () => (await page.locator('#jobs li .state').first().textContent()).startsWith('Success'));
  quiet();
});

test('finds a resource by its Orthanc ID, shows what is cached, removes it', async () => {
  for (const query of ['', '?short', '?simplify']) {
    await (await fetch(`${orthanc.url}/studies/${study}/shared-tags${query}`)).arrayBuffer();
  }
  await until('they are on disk', async () => (await orthanc.json(`/plugins/response-cache/entries/studies/${study}`)).Entries
    .filter(e => /^shared-tags(\?|$)/.test(e.Route)).length >= 3);
  await page.locator('#id').fill(` ${study.toUpperCase()} `);
  await page.keyboard.press('Enter');
  await page.locator('#found').waitFor();
  assert.match(await page.locator('#found-title').textContent(), new RegExp(`Study ${study}: \\d+ responses`));
  assert.ok((await page.locator('#found-entries tr').count()) >= 3);
  assert.match(await page.locator('#found-entries').textContent(), /shared-tags\?simplify/);
  await picture(page, 'found');

  await page.locator('#purge-one').click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await until('nothing is cached of it', async () => (await page.locator('#found-title').textContent()).includes(': 0 responses'));
  assert.equal((await orthanc.json(`/plugins/response-cache/entries/studies/${study}`)).Entries.length, 0);

  await page.locator('#warm-one').click();
  await until('it is warm again', async () => (await orthanc.json(`/plugins/response-cache/entries/studies/${study}`)).Entries.length >= 6);
  quiet();
});

test('says what is wrong with an identifier', async () => {
  await page.locator('#id').fill('Doe^John');
  await page.keyboard.press('Enter');
  await until('it says so', async () => (await page.locator('#problem').textContent()).includes('not an identifier'));
  await page.locator('#id').fill('00000000-00000000-00000000-00000000-00000000');
  await page.keyboard.press('Enter');
  await until('it says so', async () => (await page.locator('#problem').textContent()).includes('no such resource'));
  assert.equal(await page.locator('#problem').getAttribute('role'), 'alert');
});

test('names no patient', async () => {
  const names = [];
  for (const patient of await orthanc.json('/patients?expand')) {
    names.push(...Object.values(patient.MainDicomTags).filter(v => v.length > 3));
  }
  assert.ok(names.length > 0);
  await page.locator('#id').fill(study);
  await page.keyboard.press('Enter');
  await page.locator('#found').waitFor();
  const shown = await page.content();
  const everything = shown + JSON.stringify(await status()) + JSON.stringify(await orthanc.json(`/plugins/response-cache/entries/studies/${study}`))
    + JSON.stringify(await orthanc.json('/jobs?expand'));
  for (const name of names) {
    assert.ok(!everything.includes(name), 'a name of a patient is shown');
  }
});

test('works with the keyboard alone', async () => {
  const reached = [];
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press('Tab');
    const id = await page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim().slice(0, 30));
    reached.push(id);
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none', `${id} shows its focus`);
    if (id === 'id') {
      break;
    }
  }
  for (const id of ['explorer', 'purge', 'warm-all', 'id']) {
    assert.ok(reached.includes(id), `${id} is reached: ${reached}`);
  }
  quiet();
});

test('every control has a name and every plot a description', async () => {
  const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, input, progress, svg[role=img], a')]
    .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))
    .map(e => e.outerHTML));
  assert.deepEqual(unnamed, []);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
});

test('fits a phone and keeps its contrast in the dark', async () => {
  const shades = {};
  for (const colorScheme of ['light', 'dark']) {
    for (const [name, viewport] of [['wide', { width: 1280, height: 1000 }], ['narrow', { width: 360, height: 740 }]]) {
      const other = await open({ viewport, colorScheme });
      for (let i = 0; i < 6; i++) {
        await (await fetch(`${orthanc.url}/studies/${study}/shared-tags`)).arrayBuffer();
        await (await fetch(`${orthanc.url}/studies/${study}/instances-tags?full`)).arrayBuffer();
        await other.waitForTimeout(pictures ? 700 : 50);
      }
      assert.ok(await other.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${colorScheme} ${name} scrolls sideways`);
      const worst = await other.evaluate(contrast);
      assert.ok(worst.ratio >= 4.5, `${colorScheme} ${name}: ${JSON.stringify(worst)}`);
      shades[colorScheme] = await other.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await picture(other, `${colorScheme}-${name}`);
      await other.close();
    }
  }
  assert.notEqual(shades.light, shades.dark);
  quiet();

  /** The lowest contrast of any text against the background it lies on (WCAG 2.1, 1.4.3). */
  function contrast() {
    const parse = text => text.match(/[\d.]+/g).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map(c => c / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const behind = e => {
      for (; e; e = e.parentElement) {
        const c = parse(getComputedStyle(e).backgroundColor);
        if (c.length === 3 || c[3] === 1) {
          return c;
        }
      }
      return [255, 255, 255];
    };
    let worst = { ratio: 99 };
    for (const e of document.querySelectorAll('body *')) {
      if (e.checkVisibility() && !e.disabled && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) {
        const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < worst.ratio) {
          worst = { ratio, text: e.textContent.slice(0, 40) };
        }
      }
    }
    return worst;
  }
});

test('is opened from Orthanc Explorer and listed among the plugins', async () => {
  const plugin = await orthanc.json('/plugins/response-cache');
  assert.equal(plugin.RootUri, '../plugins/response-cache/app/');
  assert.ok(plugin.Description.length > 20);
  assert.equal(plugin.ExtendsOrthancExplorer, true);

  await page.goto(`${orthanc.url}/app/explorer.html`);
  await page.locator('#response-cache-button').click();
  await page.locator('#state[data-state="Working"]').waitFor();
  assert.equal(new URL(page.url()).pathname, '/plugins/response-cache/app/');
});

test('says that Orthanc is gone, and recovers', async () => {
  await orthanc.stop();
  await page.locator('#state[data-state="lost"]').waitFor();
  assert.match(await page.locator('#problem').textContent(), /does not respond/);
  await picture(page, 'lost');
  orthanc = await Orthanc.start({ port: orthanc.port, home: orthanc.home });
  await page.locator('#state[data-state="Working"]').waitFor();
  await until('the problem is gone', async () => !(await page.locator('#problem').isVisible()));
});

test('says why nothing is stored, where the disk cache does not work', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  orthanc = await Orthanc.start({ port, home, cache: { Directory: '/dev/null/cache' } });
  await page.locator('#state[data-state="Disabled"]').waitFor();
  assert.match(await page.locator('#problem').textContent(), /Nothing is stored on disk: no such file or directory \(\/dev\/null\/cache\)/);
  await picture(page, 'disabled');
  await page.locator('#purge').click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await until('it does not say that it was done', async () => /does not work/.test(await page.locator('#problem').textContent()));
  await orthanc.stop();
  orthanc = await Orthanc.start({ port, home });
});

test('works where Orthanc asks for a password', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  orthanc = await Orthanc.start({ port, home, configuration: { AuthenticationEnabled: true, RegisteredUsers: { anna: 'secret' } } });
  for (const path of ['/app/', '/app/app.js', '/status', `/entries/studies/${study}`, '/warm']) {
    assert.equal((await fetch(`${orthanc.url}/plugins/response-cache${path}`)).status, 401);
  }
  const known = await open({ httpCredentials: { username: 'anna', password: 'secret' } });
  await known.locator('#warm-all').click();
  await until('the job is done', async () => (await known.locator('#jobs li .state').first().textContent()).startsWith('Success'));
  await known.close();
});

test('says that it may not, where Orthanc forbids it', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  const script = join(home, 'filter.lua');
  writeFileSync(script, "function IncomingHttpRequestFilter(method, uri) return uri ~= '/plugins/response-cache/status' end");
  orthanc = await Orthanc.start({ port, home, configuration: { LuaScripts: [script] } });
  await until('it says so', async () => /may not do this \(403\)/.test(await page.locator('#problem').textContent()));
  await picture(page, 'forbidden');
});
