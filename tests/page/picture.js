// Makes docs/page.png: the page with figures that are made up, of no server and no patient. No Orthanc runs for it.
// usage: node picture.js [FILE.png [WIDTH [light|dark]]]
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import playwright from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
const app = resolve(here, '../../src/OrthancCachePlugin/App');
const [file = resolve(here, '../../docs/page.png'), width = '1200', colorScheme = 'light'] = process.argv.slice(2);
const origin = 'http://orthanc.example';
const start = Date.parse('2026-03-02T14:20:00Z');
const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml', html: 'text/html' };

// What each route gets of the requests, and how much of it is a hit; one hit saves so many seconds.
const routes = [
  ['archive', 0.004, 0.66, 4.1], ['attachments', 0.012, 0.93, 0.01], ['instances-tags', 0.31, 0.955, 0.29], ['media', 0, 0, 0], ['shared-tags', 0.24, 0.965, 0.21],
  ['attachments', 0.01, 0.95, 0.002, true], ['file', 0.02, 0, 0, true], ['frames', 0, 0, 0, true], ['frames/{n}/...', 0.12, 0.87, 0.06, true],
  ['header', 0.002, 0.9, 0.004, true], ['metadata', 0.05, 0.97, 0.002, true], ['pdf', 0.001, 0.8, 0.03, true], ['preview', 0.06, 0.9, 0.05, true],
  ['raw', 0, 0, 0, true], ['simplified-tags', 0.09, 0.94, 0.004, true], ['tags', 0.081, 0.92, 0.003, true],
];

// A working day: little at night, most before noon; the cache begins the day warm.
const hourOf = time => (time / 3_600_000) % 24;
const rateAt = time => {
  const hour = hourOf(time);
  const day = Math.exp(-(((hour - 10.5) / 2.6) ** 2)) + 0.8 * Math.exp(-(((hour - 15) / 2.3) ** 2));
  return (2 + 44 * day) * (1 + 0.16 * Math.sin(time / 210_000) + 0.1 * Math.sin(time / 47_000));
};
const ratioAt = time => 0.935 + 0.035 * Math.sin(time / 2_900_000) + 0.015 * Math.sin(time / 130_000);
const diskAt = time => (6.1 + 0.11 * Math.min(24, (time - start) / 3_600_000 + 24)) * 2 ** 30;

let requests = 1_184_000;
let hits = requests * 0.921;
let cached = 0;

function status(time) {
  const rate = rateAt(time) * (1 + 0.35 * Math.sin(time / 3100) * Math.sin(time / 17_000));
  requests += rate;
  hits += rate * Math.min(1, ratioAt(time) + 0.03 * Math.sin(time / 5300));
  const notModified = Math.round(hits * 0.28);
  return {
    Version: '0.1.0', OrthancVersion: '1.12.7', UptimeSeconds: 9.4 * 86400 + cached++,
    HitRatio: { LastMinute: 0.9482, LastHour: 0.9391, SinceStart: hits / requests },
    Requests: { Hits: Math.round(hits) - notModified, NotModified: notModified, Misses: Math.round(requests - hits), Bypasses: 24_180 },
    HitLatency: { LastMinuteMedianMicroseconds: 64, LastMinute99thMicroseconds: 512 },
    TimeSavedSeconds: hits * 0.155,
    Routes: routes.map(([Route, share, ratio, saved, OfInstances = false]) => {
      const all = Math.round(requests * share);
      const used = Math.round(all * ratio);
      return {
        Route, OfInstances, Hits: Math.round(used * 0.72), NotModified: Math.round(used * 0.28), Misses: ratio > 0 ? all - used : 0,
        Stale: ratio > 0 ? Math.round((all - used) * 0.11) : 0, Revalidations: ratio > 0 ? Math.round(all * 0.06) : 0, Bypasses: ratio > 0 ? 0 : all, TimeSavedSeconds: used * saved,
      };
    }),
    Disk: {
      State: 'Working', Reason: '', Bytes: diskAt(time), MaximumBytes: 20 * 2 ** 30, Entries: 184_212, Evictions: 0, Expiries: 21_907, WriteQueue: 2, WriteQueueBytes: 41_300,
      DroppedWrites: 0, DamagedReads: 0, OldestEntry: new Date(time - 6.9 * 86_400_000).toISOString(), CompressionRatio: 11.3,
    },
    Memory: { Bytes: 79.4 * 2 ** 20, MaximumBytes: 88 * 2 ** 20, Entries: 1_630 },
    WarmUp: { Enabled: true, Queue: 3, Running: 1, Resources: 41_870, ResponsesStored: 163_404 },
  };
}

const past = (end, interval, count) => ({
  IntervalSeconds: interval,
  Points: Array.from({ length: count }, (_, i) => {
    const time = end - 1000 * interval * (count - 1 - i);
    const rate = rateAt(time) * (1 + 0.1 * Math.sin(i * 2.4) * Math.sin(i * 0.7));
    return {
      End: new Date(time).toISOString(), Seconds: interval, Requests: Math.round(rate * interval), HitRatio: ratioAt(time) + 0.008 * Math.sin(i * 1.7),
      HitMedianMicroseconds: 64, Hit99thMicroseconds: [256, 512, 512, 512, 512, 1024][Math.floor(3 + 1.5 * Math.sin(i * 0.37) + 1.45 * Math.sin(i * 1.9))], DiskBytes: diskAt(time),
    };
  }),
});

const jobs = [{
  ID: 'a', Type: 'ResponseCacheWarmUp', State: 'Running', Progress: 62, CreationTime: '20260302T141500',
  Content: { ResourcesDone: 2_604, ResourcesCount: 4_200, ResponsesStored: 7_915, ResponsesCached: 12_410 },
}];

let asked = 0;
function respond(path, time) {
  switch (path) {
    case '/plugins': return { json: ['response-cache', 'orthanc-explorer-2'] };
    case '/plugins/orthanc-explorer-2': return { json: { RootUri: '../ui/app/' } };
    case '/jobs': return { json: jobs };
    case '/plugins/response-cache/status': asked++; return { json: status(time) };
    case '/plugins/response-cache/history': return { json: { LastHour: past(time, 60, 60), LastDay: past(time, 900, 96) } };
    default: {
      const name = path.replace('/plugins/response-cache/app/', '') || 'index.html';
      return { body: readFileSync(resolve(app, name)), contentType: types[name.split('.').at(-1)] };
    }
  }
}

const browser = await playwright.chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--headless', '--no-sandbox', '--disable-gpu'] });
try {
  const page = await browser.newPage({ viewport: { width: Number(width), height: 800 }, colorScheme });
  await page.clock.install({ time: start });
  let time = start;
  await page.route(`${origin}/**`, route => route.fulfill(respond(new URL(route.request().url()).pathname, time)));
  await page.goto(`${origin}/plugins/response-cache/app/`);
  await page.locator('#state[data-state="Working"]').waitFor();
  // Two minutes pass as fast as the page asks.
  while (time < start + 125_000) {
    const before = asked;
    while (asked === before) {
      await page.clock.runFor(250);
      time = await page.evaluate(() => Date.now());
    }
  }
  await page.getByText('Day', { exact: true }).click();
  mkdirSync(dirname(file), { recursive: true });
  const { y, height } = await page.locator('section', { has: page.locator('#jobs') }).boundingBox(); // the tables below say little in a picture
  await page.screenshot({ path: file, fullPage: true, clip: { x: 0, y: 0, width: Number(width), height: Math.ceil(y + height + 16) } });
} finally {
  await browser.close();
}
