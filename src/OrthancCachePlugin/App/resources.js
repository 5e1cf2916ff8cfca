// What is done with resources: warm-up jobs, removal, search, and links to one resource.
import { Problem, ask, at, base, beside, button, bytes, fill, root, run, say, set, setText, span, whole } from './common.js';

// --- warm-up ------------------------------------------------------------------------------------------------------------------------

const jobType = 'ResponseCacheWarmUp';
const running = state => ['Pending', 'Running', 'Paused', 'Retry'].includes(state);
let jobsAt = 0;

/** Jobs of which this page knows that they were not over, and whose end it will say. */
const awaited = new Set();

function newJob(id) {
  const item = document.createElement('li');
  item.dataset.job = id;
  const [what, state, buttons] = ['what', 'state', 'buttons'].map(name => {
    const element = document.createElement('span');
    element.className = name;
    return element;
  });
  const progress = document.createElement('progress');
  progress.max = 100;
  progress.setAttribute('aria-label', 'Progress of the warm-up');
  item.append(what, state, progress, buttons);
  return item;
}

function showJob(item, job) {
  const c = job.Content;
  item.querySelector('progress').value = job.Progress;
  setText(item.querySelector('.state'), `${job.State} ${job.Progress} %`);
  setText(item.querySelector('.what'), `${whole(c.ResourcesDone || 0)} of ${whole(c.ResourcesCount || 0)} resources: `
    + `${whole(c.ResponsesStored || 0)} responses computed, ${whole(c.ResponsesCached || 0)} were cached already`
    + (c.ResponsesUnsettled ? `, ${whole(c.ResponsesUnsettled)} too young` : '') + (c.Failure ? `. ${c.Failure}` : ''));
  // Only where the state has changed, so that the focus stays on a button.
  if (item.dataset.state !== job.State) {
    item.dataset.state = job.State;
    const act = (verb, label) => button(label, `${label} the warm-up`, () => control(job.ID, verb));
    item.querySelector('.buttons').replaceChildren(...(running(job.State)
      ? [job.State === 'Paused' ? act('resume', 'Resume') : act('pause', 'Pause'), act('cancel', 'Cancel')]
      : job.State === 'Failure' ? [act('resubmit', 'Again')] : []));
    if (running(job.State)) {
      awaited.add(job.ID);
    } else if (awaited.delete(job.ID)) {
      say(job.State === 'Success' ? `The warm-up is done: ${whole(c.ResponsesStored || 0)} responses computed.` : 'The warm-up has ended before it was done.');
    }
  }
}

function showJobs(jobs) {
  const list = at('jobs');
  const shown = jobs.filter(j => j.Type === jobType)
    .sort((a, b) => running(b.State) - running(a.State) || b.CreationTime.localeCompare(a.CreationTime))
    .slice(0, 5);
  for (const item of [...list.children]) {
    if (!shown.some(j => j.ID === item.dataset.job)) {
      item.remove();
    }
  }
  shown.forEach((job, index) => {
    const item = [...list.children].find(i => i.dataset.job === job.ID) || newJob(job.ID);
    if (list.children[index] !== item) {
      list.insertBefore(item, list.children[index] || null);
    }
    showJob(item, job);
  });
  return shown.some(j => running(j.State));
}

/** Jobs belong to Orthanc, which may not show them to everybody who may see the figures. */
export async function updateJobs() {
  const now = Date.now();
  if (now < jobsAt) {
    return;
  }
  let wait = 4000;
  const isShown = await beside('jobs-note', 'The jobs cannot be shown', async () => {
    if (showJobs(await ask(`${root}/jobs?expand`))) {
      wait = 500;
    }
  });
  jobsAt = now + (isShown ? wait : 15000);
}

async function control(id, verb) {
  await ask(`${root}/jobs/${id}/${verb}`, 'POST', {});
  jobsAt = 0;
  await updateJobs();
}

async function warm(what) {
  awaited.add((await ask(`${base}/warm`, 'POST', what)).ID);
  say('The warm-up was submitted.');
  jobsAt = 0;
  await updateJobs();
}

// --- removal ------------------------------------------------------------------------------------------------------------------------

function confirmed(text) {
  const dialog = at('confirm');
  at('confirm-text').textContent = text;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise(resolve => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}

async function remove(path, text) {
  if (await confirmed(text)) {
    const removed = (await ask(`${base}/entries${path}`, 'DELETE')).Removed;
    say(`${whole(removed)} responses were removed.`);
    return true;
  }
  return false;
}

// --- search -------------------------------------------------------------------------------------------------------------------------

const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{8}){4}$/;
let found = null;

async function search(id) {
  at('found').hidden = true;
  found = null;
  if (!idPattern.test(id)) {
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
  fill(at('found-entries'), list.Entries.map(e => ({
    cells: [
      e.Route + (e.Accept ? ` (${e.Accept})` : ''), bytes(e.StoredBytes), e.Bytes === undefined ? '–' : bytes(e.Bytes), span(e.AgeSeconds),
      e.CostMilliseconds === undefined ? '–' : span(e.CostMilliseconds / 1000),
      e.Current === null ? 'asks first' : e.Current ? 'yes' : 'no', e.ETag,
    ],
  })));
  at('purge-one').disabled = list.Entries.length === 0;
  at('found').hidden = false;
  // The address can be kept and sent to somebody.
  history.replaceState(null, '', `#${list.ID}`);
}

/** Nothing is left to show of what Orthanc does not know either. */
async function showRest({ Level: level, ID: id }) {
  try {
    showFound(await ask(`${base}/entries/${level}/${id}`));
  } catch (error) {
    if (error.status !== 404) {
      throw error;
    }
    found = null;
    at('found').hidden = true;
  }
}

const clean = text => text.trim().toLowerCase();

/** An address may end in `#` and the identifier of a resource. */
async function follow() {
  const id = clean(decodeURIComponent(location.hash.slice(1)));
  if (idPattern.test(id) && id !== found?.ID) {
    at('id').value = id;
    await run(at('search-button'), () => search(id));
    at('search').scrollIntoView();
  }
}

// --- what a person does -------------------------------------------------------------------------------------------------------------

export function listen() {
  at('purge').addEventListener('click', e => run(e.currentTarget, () =>
    remove('', 'Remove every cached response? Orthanc will have to compute them again. Nothing of the archive itself is touched.')));
  at('purge-one').addEventListener('click', e => run(e.currentTarget, async () => {
    const which = found;
    if (await remove(`/${which.Level}/${which.ID}`, 'Remove the cached responses of this resource?')) {
      await showRest(which);
    }
  }).then(() => { at('purge-one').disabled = !found || found.Entries.length === 0; }));
  at('warm-all').addEventListener('click', e => run(e.currentTarget, () => warm({ All: true })));
  at('warm-one').addEventListener('click', e => run(e.currentTarget, () => warm({ Resources: [found.ID] })));
  at('search').addEventListener('submit', e => {
    e.preventDefault();
    run(at('search-button'), () => search(clean(at('id').value)));
  });
  addEventListener('hashchange', follow);
  follow();
}
