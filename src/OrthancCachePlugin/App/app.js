'use strict';
// The page of the response cache: asks for the status once a second while somebody looks, and shows it. All texts are set as text.
(() => {
  const at = id => document.getElementById(id);
  // The page may be reached with and without a slash at its end, and below a prefix of a proxy.
  const base = location.pathname.replace(/\/app(\/(index\.html)?)?$/, '');
  const root = base.replace(/\/plugins\/response-cache$/, '');
  const jobType = 'ResponseCacheWarmUp';
  const samplesShown = 120;
  const samples = [];
  let last = null;
  let jobsSoon = 0;
  let found = null;

  at('explorer').href = root + '/app/explorer.html';

  // --- talking to Orthanc ---------------------------------------------------------------------------------------------------------

  class Problem extends Error {}

  async function ask(path, method = 'GET', body = undefined) {
    let response;
    try {
      response = await fetch(path, {
        method,
        cache: 'no-store',
        credentials: 'same-origin',
        signal: method === 'GET' ? AbortSignal.timeout(20000) : undefined,
        // No form of another site can send this header.
        headers: { 'X-Requested-With': 'response-cache', ...(body ? { 'Content-Type': 'application/json' } : {}) },
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch {
      throw new Problem('Orthanc does not respond. Trying again…');
    }
    if (response.ok) {
      return response.json();
    }
    let text = '';
    try {
      text = (await response.json()).Message || '';
    } catch {
      // Not every error has a body.
    }
    if (response.status === 401 || response.status === 403) {
      throw Object.assign(new Problem(`You may not do this (${response.status}). ${text}`.trim()), { status: response.status });
    }
    throw Object.assign(new Problem(text || `Orthanc sent ${response.status}`), { status: response.status });
  }

  function problem(error) {
    const box = at('problem');
    const text = error instanceof Problem ? error.message : error ? 'Something went wrong on this page.' : '';
    if (box.textContent !== text) {
      box.textContent = text;
    }
    box.hidden = text === '';
  }

  const say = text => { at('message').textContent = text; };

  // --- numbers --------------------------------------------------------------------------------------------------------------------

  const whole = new Intl.NumberFormat('en');
  const percent = value => value === null || value === undefined ? '–' : `${(100 * value).toFixed(1)} %`;
  const bytes = value => {
    const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
    let unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
  };
  const span = seconds => {
    if (seconds < 1) {
      return `${Math.round(seconds * 1000)} ms`;
    }
    for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
      if (seconds >= size) {
        return `${(seconds / size).toFixed(1)} ${unit}`;
      }
    }
    return `${Math.round(seconds)} s`;
  };
  const micro = value => value >= 1000 ? `${(value / 1000).toFixed(1)} ms` : `${value} µs`;

  // --- elements -------------------------------------------------------------------------------------------------------------------

  const set = (id, text) => {
    const element = at(id);
    if (element.textContent !== text) {
      element.textContent = text;
    }
  };

  function row(cells, className) {
    const line = document.createElement('tr');
    line.className = className || '';
    for (const cell of cells) {
      line.appendChild(document.createElement('td')).textContent = cell;
    }
    return line;
  }

  function button(text, label, action) {
    const element = document.createElement('button');
    element.type = 'button';
    element.textContent = text;
    element.setAttribute('aria-label', label);
    element.addEventListener('click', () => run(element, action));
    return element;
  }

  /** Runs what a button does, once at a time, and says what went wrong. */
  async function run(element, action) {
    element.disabled = true;
    try {
      await action();
      problem(null);
    } catch (error) {
      problem(error);
    } finally {
      element.disabled = false;
    }
  }

  function bar(id, value, maximum) {
    const element = at(id);
    element.value = maximum > 0 ? value / maximum : 0;
    set(`${id}-text`, `${bytes(value)} of ${bytes(maximum)}`);
  }

  /** Draws a line with an area below it; a gap where there is no value. */
  function plot(id, values, maximum) {
    const svg = at(id);
    const step = 300 / (samplesShown - 1);
    const offset = samplesShown - values.length;
    let line = '';
    let area = '';
    let from = null;
    values.forEach((value, i) => {
      const x = ((i + offset) * step).toFixed(1);
      if (value !== null) {
        const y = (87 - 84 * Math.min(1, value / maximum)).toFixed(1);
        // A single value has no length: a dot.
        line += from === null ? `M${x} ${y}h.01` : `L${x} ${y}`;
        area += from === null ? `M${x} 90L${x} ${y}` : `L${x} ${y}`;
        from = x;
      }
      if (from !== null && (value === null || i === values.length - 1)) {
        area += `L${value === null ? from : x} 90Z`;
        from = null;
      }
    });
    for (const [name, path] of [['area', area], ['line', line]]) {
      let element = svg.querySelector(`.${name}`);
      if (!element) {
        element = svg.appendChild(document.createElementNS('http://www.w3.org/2000/svg', 'path'));
        element.setAttribute('class', name);
      }
      element.setAttribute('d', path);
    }
  }

  // --- the figures ----------------------------------------------------------------------------------------------------------------

  function sample(status, time) {
    const now = {
      time,
      cached: status.Requests.Hits + status.Requests.NotModified,
      missed: status.Requests.Misses,
      other: status.Requests.Bypasses,
    };
    if (last && now.cached >= last.cached && time > last.time) {
      const cached = now.cached - last.cached;
      const cacheable = cached + now.missed - last.missed;
      const all = cacheable + now.other - last.other;
      samples.push({ ratio: cacheable > 0 ? cached / cacheable : null, rate: 1000 * all / (time - last.time) });
      if (samples.length > samplesShown) {
        samples.shift();
      }
    }
    last = now;
  }

  function show(status) {
    set('version', `${status.Version} in Orthanc ${status.OrthancVersion}`);
    const state = at('state');
    state.dataset.state = status.Disk.State;
    set('state', { Working: 'working', Recovering: 'recovering', Disabled: 'disabled' }[status.Disk.State] || status.Disk.State);
    state.title = status.Disk.Reason;
    set('ratio-minute', percent(status.HitRatio.LastMinute));
    set('ratio-hour', percent(status.HitRatio.LastHour));
    set('ratio-start', percent(status.HitRatio.SinceStart));
    set('saved', span(status.TimeSavedSeconds));
    set('latency', status.HitLatency.LastMinuteMedianMicroseconds
      ? `${micro(status.HitLatency.LastMinuteMedianMicroseconds)} / ${micro(status.HitLatency.LastMinute99thMicroseconds)}`
      : '–');
    set('uptime', span(status.UptimeSeconds));
    bar('disk', status.Disk.Bytes, status.Disk.MaximumBytes);
    bar('memory', status.Memory.Bytes, status.Memory.MaximumBytes);
    set('entries', `${whole.format(status.Disk.Entries)} / ${whole.format(status.Memory.Entries)}`);
    set('compression', status.Disk.CompressionRatio >= 1 ? percent(1 / status.Disk.CompressionRatio) : '–');
    set('oldest', status.Disk.OldestEntry ? span(Math.max(1, (Date.now() - Date.parse(status.Disk.OldestEntry)) / 1000)) : '–');
    at('oldest').title = status.Disk.OldestEntry ? new Date(status.Disk.OldestEntry).toLocaleString() : '';
    set('evictions', `${whole.format(status.Disk.Evictions)} / ${whole.format(status.Disk.Expiries)}`);
    set('queue', `${whole.format(status.Disk.WriteQueue)} (${bytes(status.Disk.WriteQueueBytes)})`);
    set('dropped', `${whole.format(status.Disk.DroppedWrites)} / ${whole.format(status.Disk.DamagedReads)}`);
    const warm = status.WarmUp;
    set('warm-text', `${warm.Enabled ? 'What becomes stable is warmed by itself' : 'Only on demand'}: `
      + `${whole.format(warm.Queue + warm.Running)} resources wait, ${whole.format(warm.Resources)} are done, `
      + `${whole.format(warm.ResponsesStored)} responses computed.`);

    const latest = samples[samples.length - 1];
    set('ratio-now', latest ? percent(latest.ratio) : '–');
    set('rate-now', latest ? latest.rate.toFixed(latest.rate < 10 ? 1 : 0) : '–');
    plot('ratio-plot', samples.map(s => s.ratio), 1);
    const most = Math.max(1, ...samples.map(s => s.rate));
    plot('rate-plot', samples.map(s => s.rate), most);
    set('ratio-note', samples.some(s => s.ratio !== null) ? 'top: 100 %' : 'no requests yet');
    set('rate-note', `top: ${most.toFixed(most < 10 ? 1 : 0)}`);

    at('routes').replaceChildren(...status.Routes.map(r => row([
      (r.OfInstances ? 'instances/…/' : '…/') + r.Route,
      ...[r.Hits, r.NotModified, r.Misses, r.Stale, r.Revalidations, r.Bypasses].map(n => whole.format(n)),
      span(r.TimeSavedSeconds),
    ], r.Hits + r.NotModified + r.Misses + r.Bypasses === 0 ? 'idle' : '')));
    if (status.Disk.State === 'Disabled') {
      problem(new Problem(`Nothing is stored on disk: ${status.Disk.Reason}`));
    }
  }

  // --- warm-up --------------------------------------------------------------------------------------------------------------------

  const running = job => ['Pending', 'Running', 'Paused', 'Retry'].includes(job.State);

  function showJobs(jobs) {
    const list = at('jobs');
    const shown = jobs.filter(j => j.Type === jobType)
      .sort((a, b) => running(b) - running(a) || b.CreationTime.localeCompare(a.CreationTime))
      .slice(0, 5);
    for (const item of [...list.children]) {
      if (!shown.some(j => j.ID === item.dataset.job)) {
        item.remove();
      }
    }
    shown.forEach((job, index) => {
      let item = [...list.children].find(i => i.dataset.job === job.ID);
      if (!item) {
        item = document.createElement('li');
        item.dataset.job = job.ID;
        const progress = document.createElement('progress');
        progress.max = 100;
        progress.setAttribute('aria-label', 'Progress of the warm-up');
        const what = document.createElement('span');
        what.className = 'what';
        const state = document.createElement('span');
        state.className = 'state';
        const buttons = document.createElement('span');
        buttons.className = 'buttons';
        item.append(what, state, progress, buttons);
      }
      if (list.children[index] !== item) {
        list.insertBefore(item, list.children[index] || null);
      }
      item.querySelector('progress').value = job.Progress;
      item.querySelector('.state').textContent = `${job.State} ${job.Progress} %`;
      const c = job.Content;
      item.querySelector('.what').textContent = `${whole.format(c.ResourcesDone || 0)} of ${whole.format(c.ResourcesCount || 0)} resources: `
        + `${whole.format(c.ResponsesStored || 0)} responses computed, ${whole.format(c.ResponsesCached || 0)} were cached already`
        + (c.ResponsesUnsettled ? `, ${whole.format(c.ResponsesUnsettled)} too young` : '') + (c.Failure ? `. ${c.Failure}` : '');
      // Only where the state has changed, so that the focus stays on a button.
      if (item.dataset.state !== job.State) {
        item.dataset.state = job.State;
        const act = (verb, label) => button(label, `${label} the warm-up`, () => control(job.ID, verb));
        item.querySelector('.buttons').replaceChildren(...(running(job)
          ? [job.State === 'Paused' ? act('resume', 'Resume') : act('pause', 'Pause'), act('cancel', 'Cancel')]
          : job.State === 'Failure' ? [act('resubmit', 'Again')] : []));
      }
    });
    return shown.some(running);
  }

  async function control(id, verb) {
    await ask(`${root}/jobs/${id}/${verb}`, 'POST', {});
    jobsSoon = 0;
    await updateJobs();
  }

  async function warm(what) {
    const job = await ask(`${base}/warm`, 'POST', what);
    say('The warm-up was submitted.');
    jobsSoon = 0;
    await updateJobs();
    return job;
  }

  async function updateJobs() {
    const now = Date.now();
    if (now >= jobsSoon) {
      const isRunning = showJobs(await ask(`${root}/jobs?expand`));
      jobsSoon = now + (isRunning ? 500 : 4000);
    }
  }

  // --- removing and searching -----------------------------------------------------------------------------------------------------

  function confirmed(text) {
    const dialog = at('confirm');
    at('confirm-text').textContent = text;
    dialog.returnValue = 'no';
    dialog.showModal();
    return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
  }

  async function purge(path, text) {
    if (await confirmed(text)) {
      const removed = (await ask(`${base}/entries${path}`, 'DELETE')).Removed;
      say(`${whole.format(removed)} responses were removed.`);
      return true;
    }
    return false;
  }

  async function search(id) {
    at('found').hidden = true;
    found = null;
    if (!/^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/.test(id)) {
      throw new Problem('That is not an identifier of Orthanc: five groups of eight hexadecimal digits, as in the address of a study.');
    }
    for (const level of ['studies', 'series', 'patients', 'instances']) {
      try {
        showFound(await ask(`${base}/entries/${level}/${id}`));
        return;
      } catch (error) {
        if (error.status !== 404) {
          throw error;
        }
      }
    }
    throw new Problem('Orthanc has no such resource, and nothing is stored of it.');
  }

  function showFound(list) {
    found = list;
    const names = { patients: 'Patient', studies: 'Study', series: 'Series', instances: 'Instance' };
    set('found-title', `${names[list.Level]} ${list.ID}: ${list.Entries.length} responses, ${bytes(list.Bytes)}`);
    at('found-entries').replaceChildren(...list.Entries.map(e => row([
      e.Route + (e.Accept ? ` (${e.Accept})` : ''), bytes(e.StoredBytes), e.Bytes === undefined ? '–' : bytes(e.Bytes), span(e.AgeSeconds),
      e.CostMilliseconds === undefined ? '–' : span(e.CostMilliseconds / 1000),
      e.Current === null ? 'asks first' : e.Current ? 'yes' : 'no', e.ETag,
    ])));
    at('purge-one').disabled = list.Entries.length === 0;
    at('found').hidden = false;
  }

  const clean = text => text.trim().toLowerCase();

  at('purge').addEventListener('click', e => run(e.currentTarget, () =>
    purge('', 'Remove every cached response? Orthanc will have to compute them again. Nothing of the archive itself is touched.')));
  at('purge-one').addEventListener('click', e => run(e.currentTarget, async () => {
    const which = found;
    if (await purge(`/${which.Level}/${which.ID}`, 'Remove the cached responses of this resource?')) {
      await search(which.ID);
    }
  }).then(() => { at('purge-one').disabled = !found || found.Entries.length === 0; }));
  at('warm-all').addEventListener('click', e => run(e.currentTarget, () => warm({ All: true })));
  at('warm-one').addEventListener('click', e => run(e.currentTarget, () => warm({ Resources: [found.ID] })));
  at('search').addEventListener('submit', e => {
    e.preventDefault();
    run(e.currentTarget.querySelector('button'), () => search(clean(at('id').value)));
  });

  // --- every second ---------------------------------------------------------------------------------------------------------------

  let lost = false;
  let shownAt = null;

  async function update() {
    try {
      const status = await ask(`${base}/status`);
      if (lost) {
        lost = false;
        document.body.classList.remove('lost');
        problem(null);
      }
      shownAt = new Date();
      sample(status, performance.now());
      show(status);
      await updateJobs();
    } catch (error) {
      lost = true;
      document.body.classList.add('lost');
      at('state').dataset.state = 'lost';
      const isForbidden = error.status === 401 || error.status === 403;
      set('state', isForbidden ? 'not allowed' : 'no response');
      problem(shownAt && error instanceof Problem
        ? new Problem(`${error.message} The figures below are those of ${shownAt.toLocaleTimeString()}.`)
        : error);
    }
  }

  async function loop() {
    if (!document.hidden) {
      await update();
    }
    setTimeout(loop, 1000);
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      last = null; // what happened meanwhile is no rate
    }
  });
  loop();
})();
