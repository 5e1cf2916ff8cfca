// The page of the response cache: asks for the status once a second while somebody looks, and shows it.
import { Problem, ask, at, base, bytes, fill, micro, percent, root, say, set, showCondition, span, whole } from './common.js';
import { sample, updateHistory } from './plots.js';
import { listen, updateJobs } from './resources.js';

// --- the figures --------------------------------------------------------------------------------------------------------------------

function bar(id, value, maximum) {
  const used = maximum > 0 ? Math.min(100, 100 * value / maximum) : 0;
  at(id).setAttribute('aria-valuenow', Math.round(used));
  at(id).firstElementChild.style.width = `${used}%`;
  set(`${id}-text`, `${bytes(value)} of ${bytes(maximum)}`);
}

function showState(state, text, title) {
  at('state').dataset.state = state;
  at('state').title = title;
  set('state', text);
}

function show(status) {
  const { Disk: disk, Memory: memory, HitRatio: ratio, HitLatency: latency, WarmUp: warm } = status;
  set('version', `${status.Version} in Orthanc ${status.OrthancVersion}`);
  showState(disk.State, { Working: 'working', Recovering: 'recovering', Disabled: 'disabled' }[disk.State] || disk.State, disk.Reason);
  showCondition(disk.State === 'Disabled' ? `Nothing is stored on disk: ${disk.Reason}` : '');

  set('ratio-minute', percent(ratio.LastMinute));
  set('ratio-hour', percent(ratio.LastHour));
  set('ratio-start', percent(ratio.SinceStart));
  set('saved', span(status.TimeSavedSeconds));
  set('latency', latency.LastMinuteMedianMicroseconds
    ? `${micro(latency.LastMinuteMedianMicroseconds)} / ${micro(latency.LastMinute99thMicroseconds)}`
    : '–');
  set('uptime', span(status.UptimeSeconds));

  bar('disk', disk.Bytes, disk.MaximumBytes);
  bar('memory', memory.Bytes, memory.MaximumBytes);
  set('entries', `${whole(disk.Entries)} / ${whole(memory.Entries)}`);
  set('compression', disk.CompressionRatio ? percent(1 / disk.CompressionRatio) : '–');
  set('oldest', disk.OldestEntry ? span(Math.max(1, (Date.now() - Date.parse(disk.OldestEntry)) / 1000)) : '–');
  at('oldest').title = disk.OldestEntry ? new Date(disk.OldestEntry).toLocaleString() : '';
  set('evictions', `${whole(disk.Evictions)} / ${whole(disk.Expiries)}`);
  set('queue', `${whole(disk.WriteQueue)} (${bytes(disk.WriteQueueBytes)})`);
  set('dropped', `${whole(disk.DroppedWrites)} / ${whole(disk.DamagedReads)}`);

  set('warm-text', `${warm.Enabled ? 'What becomes stable is warmed by itself' : 'Only on demand'}: `
    + `${whole(warm.Queue + warm.Running)} resources wait, ${whole(warm.Resources)} are done, `
    + `${whole(warm.ResponsesStored)} responses computed.`);

  fill(at('routes'), status.Routes.map(r => ({
    cells: [
      (r.OfInstances ? 'instances/…/' : '…/') + r.Route,
      ...[r.Hits, r.NotModified, r.Misses, r.Stale, r.Revalidations, r.Bypasses].map(whole),
      span(r.TimeSavedSeconds),
    ],
    className: r.Hits + r.NotModified + r.Misses + r.Bypasses === 0 ? 'idle' : '',
  })));
}

// --- every second -------------------------------------------------------------------------------------------------------------------

let isLost = false;
let shownAt = null;

function showLost(error) {
  isLost = true;
  document.body.classList.add('lost');
  showState('lost', error.isForbidden ? 'not allowed' : 'no response', '');
  const text = error instanceof Problem ? error.message : 'Something went wrong on this page.';
  showCondition(shownAt ? `${text} The figures below are those of ${shownAt.toLocaleTimeString()}.` : text);
}

async function update() {
  try {
    const status = await ask(`${base}/status`);
    show(status);
    sample(status);
  } catch (error) {
    showLost(error);
    return;
  }
  if (isLost) {
    isLost = false;
    document.body.classList.remove('lost');
    say('Orthanc responds again.');
  }
  shownAt = new Date();
  await Promise.all([updateJobs(), updateHistory()]);
}

async function loop() {
  if (!document.hidden) {
    await update();
  }
  setTimeout(loop, 1000);
}

/** Orthanc Explorer 2 is a plugin, and who has it uses it. */
async function linkExplorer() {
  const link = at('explorer');
  link.href = `${root}/app/explorer.html`;
  try {
    if ((await ask(`${root}/plugins`)).includes('orthanc-explorer-2')) {
      const { RootUri: uri } = await ask(`${root}/plugins/orthanc-explorer-2`);
      link.href = new URL(uri, `${location.origin}${root}/app/`);
      link.textContent = 'Orthanc Explorer 2';
    }
  } catch {
    // The link to the first one stays.
  }
}

listen();
loop();
linkExplorer();
