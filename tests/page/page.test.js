// The page in a browser of Debian's against a real Orthanc: PAGE_BROWSER=chromium (unless set) or firefox. PAGE_SCREENSHOTS=directory keeps
// pictures for people to look at.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import playwright from 'playwright-core';
import { Orthanc, until } from './orthanc.js';

const browsers = {
  chromium: () => playwright.chromium.launch({ executablePath: '/usr/bin/chromium', args: flags }),
  // Debian's Firefox as it is, through the protocol that both browsers share; Playwright's own Firefox is a patched one.
  firefox: (isDark = false) => playwright._bidiFirefox.launch({
    executablePath: '/usr/bin/firefox-esr',
    // The protocol cannot choose.
    firefoxUserPrefs: { 'layout.css.prefers-color-scheme.content-override': isDark ? 0 : 1 },
  }),
};
const browserName = process.env.PAGE_BROWSER || 'chromium';
const pictures = process.env.PAGE_SCREENSHOTS || '';
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];
let orthanc;
let browser;
let page;
let study;
let complaints;
let foreign;

async function open(options = {}, path = '/plugins/response-cache/app/', prepare = () => {}, inBrowser = browser) {
  const opened = await inBrowser.newPage({ viewport: { width: 1280, height: 1000 }, ...options }); // with a context of its own
  opened.on('console', m => ['error', 'warning'].includes(m.type()) && complaints.push(m.text()));
  opened.on('pageerror', e => complaints.push(String(e)));
  opened.on('request', r => r.url().startsWith(orthanc.url) || foreign.push(r.url()));
  await prepare(opened);
  await opened.goto(orthanc.url + path);
  await opened.locator('#state[data-state="Working"]').waitFor();
  return opened;
}

const number = async selector => Number((await page.locator(selector).textContent()).replace(/[^0-9.]/g, ''));
const status = () => orthanc.json('/plugins/response-cache/status');
const line = (opened, plot) => opened.locator(`#${plot} .line-0`).getAttribute('d');

/** Waits until the page has asked for the status some times more, and so has shown it at least once less. */
async function refreshed(opened, times = 3) {
  for (let i = 0; i < times; i++) {
    await opened.waitForResponse(r => r.url().endsWith('/plugins/response-cache/status'));
  }
}

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
  browser = await browsers[browserName]();
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
    return Number(cells[0].replace(/,/g, '')) >= before + 20;
  });
  await until('the plot has a line', async () => (await line(page, 'ratio-plot')).length > 0);
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
    const { Hits: before } = (await status()).Requests;
    await until('clients keep the server busy', async () => (await status()).Requests.Hits > before + 100);
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
  await until('it says so', async () => (await page.locator('#failure-text').textContent()).includes('not an identifier'));
  await page.locator('#id').fill('00000000-00000000-00000000-00000000-00000000');
  await page.keyboard.press('Enter');
  await until('it says so', async () => (await page.locator('#failure-text').textContent()).includes('no such resource'));
  assert.equal(await page.locator('#failure-text').getAttribute('role'), 'alert');
});

test('keeps what a button could not do, whatever is refreshed', async () => {
  await page.locator('#id').fill('Doe^John');
  await page.keyboard.press('Enter');
  await page.locator('#failure').waitFor();
  await refreshed(page);
  assert.match(await page.locator('#failure-text').textContent(), /not an identifier/);
  await page.locator('#dismiss').click();
  assert.equal(await page.locator('#failure').isVisible(), false);
  quiet();
});

test('says nothing aloud while nothing happens that a person must know', async () => {
  await page.evaluate(() => {
    window.spoken = [];
    const live = document.querySelectorAll('[aria-live], [role=status], [role=alert], [role=log], [role=timer], output');
    for (const element of live) {
      new MutationObserver(() => window.spoken.push(`${element.id}: ${element.textContent}`))
        .observe(element, { childList: true, characterData: true, subtree: true });
    }
  });
  for (let i = 0; i < 3; i++) {
    await (await fetch(`${orthanc.url}/studies/${study}/shared-tags`)).arrayBuffer();
    await refreshed(page, 1);
  }
  assert.deepEqual(await page.evaluate(() => window.spoken), []);
  await page.locator('#warm-all').click();
  await until('the end of the warm-up is said', async () => (await page.evaluate(() => window.spoken)).some(t => /^message: The warm-up is done/.test(t)));
  quiet();
});

test('each row of a table has its header', async () => {
  await page.locator('#id').fill(study);
  await page.keyboard.press('Enter');
  await page.locator('#found').waitFor();
  const first = await page.evaluate(() => [...document.querySelectorAll('tbody tr')].map(r => `${r.cells[0].tagName} ${r.cells[0].scope}`));
  assert.ok(first.length > 16);
  assert.deepEqual([...new Set(first)], ['TH row']);
});

test('counts on disk what is still on its way there', async () => {
  await fetch(`${orthanc.url}/plugins/response-cache/entries`, { method: 'DELETE' });
  await fetch(`${orthanc.url}/plugins/response-cache/warm`, { method: 'POST', body: JSON.stringify({ All: true, Synchronous: true }) });
  let stored = 0;
  for (const level of ['patients', 'studies', 'series']) {
    for (const id of await orthanc.json(`/${level}`)) {
      stored += (await orthanc.json(`/plugins/response-cache/entries/${level}/${id}`)).Bytes;
    }
  }
  assert.ok(stored > 20_000, `${stored}`);
  const { Bytes: used } = (await status()).Disk;
  assert.ok(used >= stored, `${used} of ${stored}`);
  await refreshed(page, 2);
  assert.doesNotMatch(await page.locator('#disk-text').textContent(), /^0 B/);
});

test('a link names a resource', async () => {
  await page.close();
  page = await open({}, `/plugins/response-cache/app/#${study}`);
  await page.locator('#found').waitFor();
  assert.match(await page.locator('#found-title').textContent(), new RegExp(`^Study ${study}`));
  assert.equal(await page.locator('#id').inputValue(), study);
  const { ID: series } = (await orthanc.json(`/studies/${study}/series`))[0];
  await page.evaluate(id => { location.hash = id; }, series);
  await until('the other one is shown', async () => (await page.locator('#found-title').textContent()).startsWith(`Series ${series}`));

  await page.locator('#id').fill(study);
  await page.keyboard.press('Enter');
  await until('the address follows', async () => new URL(page.url()).hash === `#${study}`);
  assert.deepEqual(foreign, []); // a browser complains of each level at which a resource is not
});

test('places samples by time, with a gap where the browser slept', async () => {
  await page.close();
  page = await open({}, undefined, p => p.clock.install());
  const runs = async () => (await line(page, 'rate-plot')).split('M').slice(1).map(r => r.split('L').map(p => parseFloat(p)));
  await until('there is a line', async () => (await runs())[0]?.length >= 3);
  await page.clock.fastForward(60_000);
  await until('there is another', async () => (await runs())[1]?.length >= 2);
  const [before, after] = await runs();
  assert.ok(after[0] - before.at(-1) >= 145, `half of the two minutes lies between: ${before} | ${after}`);
  assert.ok(after.at(-1) > 299, `the last one is now: ${after}`);
  quiet();
});

/** An hour with a pause of ten minutes, and a day. */
const pastOf = (end, interval, count, isThere) => ({
  IntervalSeconds: interval,
  Points: Array.from({ length: count }, (_, i) => {
    const t = i / count;
    return isThere(i) && {
      End: new Date(end - 1000 * interval * (count - 1 - i)).toISOString(), Seconds: interval,
      Requests: Math.round(interval * (22 + 14 * Math.sin(7 * t) + 5 * Math.sin(47 * t))), HitRatio: 0.9 + 0.06 * Math.sin(9 * t) + 0.02 * Math.sin(40 * t),
      HitMedianMicroseconds: 64, Hit99thMicroseconds: [256, 512, 512, 1024][Math.floor(11 * t) % 4], DiskBytes: Math.round((5 + 9 * t) * 2 ** 30),
    };
  }).filter(Boolean),
});
const past = (end, isThere = () => true) => ({ LastHour: pastOf(end, 60, 60, isThere), LastDay: pastOf(end, 900, 96, () => true) });

test('shows an hour and a day', async () => {
  await page.close();
  page = await open({}, undefined, p => p.route('**/history', r => r.fulfill({ json: past(Date.now(), i => i < 20 || i >= 30) })));
  await until('it is drawn', async () => (await line(page, 'past-rate-plot'))?.length > 0);
  for (const plot of ['ratio', 'rate', 'latency', 'disk']) {
    assert.equal((await line(page, `past-${plot}-plot`)).split('M').length, 3, `${plot} has two lines, for there is a gap`);
  }
  assert.equal(await page.locator('#past-latency-plot path').count(), 3);
  assert.equal(await page.locator('#past-disk-ago').textContent(), '1 h ago');
  assert.match(await page.locator('#past-disk-now').textContent(), /^1[34]\.\d GiB$/);

  await page.locator('#range-hour').focus();
  await page.keyboard.press('ArrowRight');
  assert.equal(await page.locator('#past-disk-ago').textContent(), '24 h ago');
  assert.equal((await line(page, 'past-disk-plot')).split('M').length, 2);
  assert.match(await page.locator('#past-ratio-plot').getAttribute('aria-label'), /last day/);
  quiet();
});

test('has a history in the server that begins with the minute that is not over', async () => {
  const history = await orthanc.json('/plugins/response-cache/history');
  assert.deepEqual([history.LastHour.IntervalSeconds, history.LastDay.IntervalSeconds], [60, 900]);
  for (const { Points: points } of [history.LastHour, history.LastDay]) {
    const latest = points.at(-1);
    assert.ok(latest.Seconds >= 5 && Math.abs(Date.parse(latest.End) - Date.now()) < 10_000 && latest.DiskBytes > 0, JSON.stringify(latest));
    assert.ok(points.reduce((sum, p) => sum + p.Requests, 0) > 0);
  }
  await until('the page shows it', async () => (await line(page, 'past-rate-plot'))?.length > 0);
});

test('leads back to the Explorer that is there', async () => {
  assert.equal(await page.locator('#explorer').getAttribute('href'), '/app/explorer.html');
  await page.close();
  page = await open({}, undefined, async p => {
    await p.route('**/plugins', r => r.fulfill({ json: ['orthanc-explorer-2', 'response-cache'] }));
    await p.route('**/plugins/orthanc-explorer-2', r => r.fulfill({ json: { RootUri: '../ui/app/' } }));
  });
  await page.getByRole('link', { name: 'Orthanc Explorer 2' }).waitFor();
  assert.equal(await page.locator('#explorer').getAttribute('href'), `${orthanc.url}/ui/app/`);
  quiet();
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
  const everything = shown + JSON.stringify(await status()) + JSON.stringify(await orthanc.json('/plugins/response-cache/history'))
    + JSON.stringify(await orthanc.json(`/plugins/response-cache/entries/studies/${study}`)) + JSON.stringify(await orthanc.json('/jobs?expand'));
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
  const unnamed = await page.evaluate(() => [...document.querySelectorAll('button, input, progress, [role=meter], svg[role=img], a')]
    .filter(e => !(e.getAttribute('aria-label') || document.getElementById(e.getAttribute('aria-labelledby'))?.textContent || e.textContent.trim() || (e.labels && e.labels.length)))
    .map(e => e.outerHTML));
  assert.deepEqual(unnamed, []);
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
});

test('fits a phone and keeps its contrast in the dark', async () => {
  const shades = {};
  for (const colorScheme of ['light', 'dark']) {
    const other = browserName === 'firefox' && colorScheme === 'dark' ? await browsers.firefox(true) : browser;
    for (const [name, viewport] of [['wide', { width: 1280, height: 1000 }], ['narrow', { width: 360, height: 740 }]]) {
      const opened = await open({ viewport, colorScheme }, undefined, p => p.route('**/history', r => r.fulfill({ json: past(Date.now()) })), other);
      for (let i = 0; i < 6; i++) {
        await (await fetch(`${orthanc.url}/studies/${study}/shared-tags`)).arrayBuffer();
        await (await fetch(`${orthanc.url}/studies/${study}/instances-tags?full`)).arrayBuffer();
      }
      await until('there are lines', async () => (await line(opened, 'ratio-plot'))?.length > 0 && (await line(opened, 'past-rate-plot'))?.length > 0);
      assert.ok(await opened.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${colorScheme} ${name} scrolls sideways`);
      const worst = await opened.evaluate(contrast);
      assert.ok(worst.ratio >= 4.5, `${colorScheme} ${name}: ${JSON.stringify(worst)}`);
      shades[colorScheme] = await opened.evaluate(() => getComputedStyle(document.body).backgroundColor);
      await picture(opened, `${colorScheme}-${name}`);
      await opened.close();
    }
    if (other !== browser) {
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
  assert.match(await page.locator('#condition').textContent(), /does not respond/);
  await picture(page, 'lost');
  orthanc = await Orthanc.start({ port: orthanc.port, home: orthanc.home });
  await page.locator('#state[data-state="Working"]').waitFor();
  await until('the problem is gone', async () => !(await page.locator('#condition').isVisible()));
});

test('says why nothing is stored, where the disk cache does not work', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  orthanc = await Orthanc.start({ port, home, cache: { Directory: '/dev/null/cache' } });
  await page.locator('#state[data-state="Disabled"]').waitFor();
  assert.match(await page.locator('#condition').textContent(), /Nothing is stored on disk: no such file or directory \(\/dev\/null\/cache\)/);
  await picture(page, 'disabled');
  await page.locator('#purge').click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await until('it does not say that it was done', async () => /does not work/.test(await page.locator('#failure-text').textContent()));
  await refreshed(page);
  assert.match(await page.locator('#failure-text').textContent(), /does not work/);
  assert.match(await page.locator('#condition').textContent(), /Nothing is stored on disk/);
  await orthanc.stop();
  orthanc = await Orthanc.start({ port, home });
});

test('works where Orthanc asks for a password', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  orthanc = await Orthanc.start({ port, home, configuration: { AuthenticationEnabled: true, RegisteredUsers: { anna: 'secret' } } });
  for (const path of ['/app/', '/app/app.js', '/common.js', '/status', '/history', `/entries/studies/${study}`, '/warm']) {
    assert.equal((await fetch(`${orthanc.url}/plugins/response-cache${path}`)).status, 401);
  }
  const known = await open({ httpCredentials: { username: 'anna', password: 'secret' } });
  await known.locator('#warm-all').click();
  await until('the job is done', async () => (await known.locator('#jobs li .state').first().textContent()).startsWith('Success'));
  await known.close();
});

test('shows the figures to who may not see the jobs', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  const script = join(home, 'filter.lua');
  writeFileSync(script, "function IncomingHttpRequestFilter(method, uri) return string.sub(uri, 1, 5) ~= '/jobs' end");
  orthanc = await Orthanc.start({ port, home, configuration: { LuaScripts: [script] } });
  const other = await open();
  await until('it says so beside the jobs', async () => /may not do this \(403\)/.test(await other.locator('#jobs-note').textContent()));
  await refreshed(other);
  assert.equal(await other.locator('#state').getAttribute('data-state'), 'Working');
  assert.equal(await other.locator('#condition').isVisible(), false);
  assert.equal(await other.locator('#routes tr').count(), 16);
  await other.close();
});

test('says that it may not, where Orthanc forbids it', async () => {
  await orthanc.stop();
  const { port, home } = orthanc;
  const script = join(home, 'filter.lua');
  writeFileSync(script, "function IncomingHttpRequestFilter(method, uri) return uri ~= '/plugins/response-cache/status' end");
  orthanc = await Orthanc.start({ port, home, configuration: { LuaScripts: [script] } });
  await until('it says so', async () => /may not do this \(403\)/.test(await page.locator('#condition').textContent()));
  await picture(page, 'forbidden');
});
