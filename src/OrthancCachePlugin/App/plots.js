// The plots: the last two minutes from what this page saw, an hour and a day from what the server sampled.
import { ask, at, base, beside, bytes, micro, percent, rate, set } from './common.js';

const second = 1000;

// --- drawing ------------------------------------------------------------------------------------------------------------------------

/** Draws lines over time, the first with an area below it. There is a gap where there is no value, and where two are further apart than `gap`. */
function draw(id, lines, { from, to, gap, maximum }) {
  const svg = at(id);
  const x = time => (300 * (time - from) / (to - from)).toFixed(1);
  const y = value => (87 - 84 * Math.min(1, value / maximum)).toFixed(1);
  const paths = lines.map(() => '');
  let area = '';
  lines.forEach((points, line) => {
    let run = [];
    const end = () => {
      if (run.length > 0) {
        // A single value has no length: a dot.
        paths[line] += `M${run.join('L')}${run.length === 1 ? 'h.01' : ''}`;
        if (line === 0) {
          area += `M${run[0].split(' ')[0]} 90L${run.join('L')}L${run.at(-1).split(' ')[0]} 90Z`;
        }
      }
      run = [];
    };
    let last = null;
    for (const { time, value } of points) {
      if (time < from) {
        continue;
      }
      if (value === null || (last !== null && time - last > gap)) {
        end();
      }
      if (value !== null) {
        run.push(`${x(time)} ${y(value)}`);
        last = time;
      }
    }
    end();
  });
  [['area', area], ...paths.map((path, line) => [`line line-${line}`, path])].forEach(([className, path], index) => {
    let element = svg.children[index];
    if (!element) {
      element = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
      element.setAttribute('class', className);
    }
    element.setAttribute('d', path);
  });
}

const series = (points, member) => points.map(p => ({ time: p.time, value: p[member] }));

// --- now ----------------------------------------------------------------------------------------------------------------------------

const liveSpan = 120 * second;

/** The status comes once a second. Where it did not for so long, the browser slept or Orthanc was away, and nothing is known of it. */
const liveGap = 5 * second;

const samples = [];
let last = null;

/** Takes a sample of the status, and shows what happened since the one before. */
export function sample(status) {
  const now = {
    time: Date.now(),
    cached: status.Requests.Hits + status.Requests.NotModified,
    missed: status.Requests.Misses,
    other: status.Requests.Bypasses,
  };
  // Counters fall where the plugin was started again; a clock may be set back.
  if (last && now.time > last.time && now.time - last.time <= liveGap && now.cached >= last.cached && now.missed >= last.missed && now.other >= last.other) {
    const cached = now.cached - last.cached;
    const cacheable = cached + now.missed - last.missed;
    const all = cacheable + now.other - last.other;
    samples.push({ time: now.time, ratio: cacheable > 0 ? cached / cacheable : null, rate: second * all / (now.time - last.time) });
  }
  last = now;
  while (samples.length > 0 && (samples[0].time < now.time - liveSpan || samples[0].time > now.time)) {
    samples.shift();
  }

  const latest = samples.at(-1);
  const most = Math.max(1, ...samples.map(s => s.rate));
  const range = { from: now.time - liveSpan, to: now.time, gap: liveGap };
  draw('ratio-plot', [series(samples, 'ratio')], { ...range, maximum: 1 });
  draw('rate-plot', [series(samples, 'rate')], { ...range, maximum: most });
  set('ratio-now', latest ? percent(latest.ratio) : '–');
  set('rate-now', latest ? rate(latest.rate) : '–');
  set('ratio-note', samples.some(s => s.ratio !== null) ? 'top: 100 %' : 'no requests yet');
  set('rate-note', `top: ${rate(most)}`);
}

// --- an hour and a day --------------------------------------------------------------------------------------------------------------

const ranges = {
  LastHour: { length: 3600 * second, ago: '1 h ago', words: 'last hour' },
  LastDay: { length: 24 * 3600 * second, ago: '24 h ago', words: 'last day' },
};
let history = null;
let historyAt = -Infinity;

function showHistory() {
  if (!history) {
    return;
  }
  const name = document.querySelector('input[name=range]:checked').value;
  const { IntervalSeconds: interval, Points: read } = history[name];
  const points = read.map(p => ({
    time: Date.parse(p.End),
    ratio: p.HitRatio,
    rate: p.Requests / p.Seconds,
    median: p.HitMedianMicroseconds,
    slow: p.Hit99thMicroseconds,
    disk: p.DiskBytes,
  }));
  // By the server's clock, which need not be the browser's.
  const to = points.length > 0 ? points.at(-1).time : Date.now();
  const range = { from: to - ranges[name].length, to, gap: 2.5 * interval * second };
  const latest = member => points.findLast(p => p[member] !== null)?.[member] ?? null;
  const most = (member, least) => Math.max(least, ...points.map(p => p[member] ?? 0));

  for (const [id, members, title, maximum, text] of [
    ['past-ratio', ['ratio'], 'Hit ratio', 1, percent],
    ['past-rate', ['rate'], 'Requests per second', most('rate', 1), rate],
    ['past-latency', ['median', 'slow'], 'Latency of a hit', most('slow', 100), micro],
    ['past-disk', ['disk'], 'Disk', most('disk', 1 << 20), bytes],
  ]) {
    draw(`${id}-plot`, members.map(member => series(points, member)), { ...range, maximum });
    at(`${id}-plot`).setAttribute('aria-label', `${title} during the ${ranges[name].words}`);
    set(`${id}-now`, members.map(latest).map(value => value === null ? '–' : text(value)).join(' / '));
    set(`${id}-note`, `top: ${text === percent ? '100 %' : text(maximum)}`);
    set(`${id}-ago`, ranges[name].ago);
  }
}

/** The server samples once a minute, and sends the minute that is not over. */
export async function updateHistory() {
  if (Date.now() - historyAt < 10 * second) {
    return;
  }
  historyAt = Date.now();
  await beside('history-note', 'The history cannot be shown', async () => {
    history = await ask(`${base}/history`);
    showHistory();
  });
}

for (const input of document.querySelectorAll('input[name=range]')) {
  input.addEventListener('change', showHistory);
}
