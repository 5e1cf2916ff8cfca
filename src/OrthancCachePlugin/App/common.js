// What the other modules share: asking Orthanc, messages, numbers as text, elements. All texts are set as text, never as HTML.

// --- asking Orthanc -----------------------------------------------------------------------------------------------------------------

/** The page may be reached with and without a slash at its end, and below a prefix of a proxy. */
export const base = location.pathname.replace(/\/app(\/(index\.html)?)?$/, '');
export const root = base.replace(/\/plugins\/response-cache$/, '');

/** Something that a person can be told as it is; with the status, where Orthanc sent one. */
export class Problem extends Error {
  constructor(message, status = 0) {
    super(message);
    this.status = status;
  }

  get isForbidden() {
    return this.status === 401 || this.status === 403;
  }
}

export async function ask(path, method = 'GET', body = undefined) {
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
    if (response.ok) {
      return await response.json();
    }
  } catch {
    throw new Problem('Orthanc does not respond. Trying again…');
  }
  let text = '';
  try {
    text = (await response.json()).Message || '';
  } catch {
    // Not every error has a body.
  }
  const problem = new Problem(text || `Orthanc sent ${response.status}.`, response.status);
  if (problem.isForbidden) {
    problem.message = `You may not do this (${response.status}). ${text}`.trim();
  }
  throw problem;
}

// --- elements -----------------------------------------------------------------------------------------------------------------------

export const at = id => document.getElementById(id);

/** Changes a text only where it differs: a screen reader may read aloud what is set, and what is selected stays selected. */
export function setText(element, text) {
  if (element.textContent !== text) {
    element.textContent = text;
  }
}

export const set = (id, text) => setText(at(id), text);

/** Fills a table with rows of texts, of which the first is the row's header, and leaves what is the same. */
export function fill(body, rows) {
  while (body.rows.length > rows.length) {
    body.lastElementChild.remove();
  }
  rows.forEach(({ cells, className = '' }, index) => {
    const line = body.rows[index] || body.insertRow();
    line.className = className;
    cells.forEach((text, column) => {
      let cell = line.cells[column];
      if (!cell) {
        cell = line.appendChild(document.createElement(column === 0 ? 'th' : 'td'));
        if (column === 0) {
          cell.scope = 'row';
        }
      }
      setText(cell, text);
    });
  });
}

export function button(text, label, action) {
  const element = document.createElement('button');
  element.type = 'button';
  element.textContent = text;
  element.setAttribute('aria-label', label);
  element.addEventListener('click', () => run(element, action));
  return element;
}

// --- messages -----------------------------------------------------------------------------------------------------------------------

const wordsOf = error => error instanceof Problem ? error.message : 'Something went wrong on this page.';

/** What was done; read aloud. */
export const say = text => set('message', text);

/** What is wrong with the cache or the connection, as long as it is; empty: nothing. */
export function showCondition(text) {
  set('condition', text);
  at('condition').hidden = text === '';
}

/** What a button could not do. It stays until it is dismissed or something else is done, whatever is refreshed meanwhile. */
function showFailure(error) {
  set('failure-text', error ? wordsOf(error) : '');
  at('failure').hidden = !error;
}

at('dismiss').addEventListener('click', () => showFailure(null));

/** Runs what a button does, once at a time, and says what went wrong. */
export async function run(element, action) {
  element.disabled = true;
  showFailure(null);
  say('');
  try {
    await action();
  } catch (error) {
    showFailure(error);
  } finally {
    element.disabled = false;
  }
}

/** Asks for something beside the status: where that fails the rest of the page goes on, and a note says why. */
export async function beside(noteId, title, action) {
  try {
    await action();
    set(noteId, '');
    return true;
  } catch (error) {
    set(noteId, `${title}: ${wordsOf(error)}`);
    return false;
  }
}

// --- numbers ------------------------------------------------------------------------------------------------------------------------

const integer = new Intl.NumberFormat('en');

export const whole = value => integer.format(value);
export const percent = value => value === null || value === undefined ? '–' : `${(100 * value).toFixed(1)} %`;
export const rate = value => value.toFixed(value < 10 ? 1 : 0);

export function bytes(value) {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value >= 100 || unit === 0 ? value.toFixed(0) : value.toFixed(1)} ${units[unit]}`;
}

export function span(seconds) {
  if (seconds > 0 && seconds < 1) {
    return `${Math.round(seconds * 1000)} ms`;
  }
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) {
    if (seconds >= size) {
      return `${(seconds / size).toFixed(1)} ${unit}`;
    }
  }
  return `${Math.round(seconds)} s`;
}

export function micro(value) {
  return value >= 1e6 ? `${(value / 1e6).toFixed(1)} s` : value >= 1000 ? `${(value / 1000).toFixed(1)} ms` : `${value} µs`;
}
