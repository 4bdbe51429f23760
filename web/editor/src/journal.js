// The journal: what is typed is written to the browser's own store (IndexedDB)
// at each change, so that it is there after a crash. A record has a text as it
// once was; steps have the changes since, so that a keystroke in a long text
// writes a few bytes. Steps belong to a part, and begin with the record's text
// where theirs is the record's. What a page that ends has not got there yet goes
// to localStorage, which waits for nobody.
import { ChangeSet, Text } from "@codemirror/state";

const schema = 2; // of records; those of a later program are left alone (1 had no parts)
const stepsAtMost = 300;
const forgottenAfter = 90 * 24 * 3600e3; // milliseconds

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

async function open() {
  const request = indexedDB.open("broadsheet", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("records", { keyPath: "id" });
    request.result.createObjectStore("steps", { autoIncrement: true }).createIndex("record", "record");
  };
  const db = await done(request);
  db.onversionchange = () => db.close();
  return db;
}

const lastWords = "broadsheet-last-"; // and the id of a record
const lockOf = (id) => "broadsheet-text-" + id;
const isLeft = (id) => navigator.locks?.request(lockOf(id), { ifAvailable: true }, (lock) => lock !== null) ?? !isAlive(id);

// Without a secure connection there are no locks. A page then notes, until when
// it is taken for open, unless it notes that again: a hidden one for longer, as
// browsers let its timers run once a minute.
const alive = "broadsheet-alive-"; // and the id of a record
const beat = 5_000; // milliseconds
const isAlive = (id) => {
  try {
    return Number(localStorage.getItem(alive + id)) > Date.now();
  } catch {
    return false;
  }
};

function stayAlive(id) {
  const note = () => {
    try {
      localStorage.setItem(alive + id, String(Date.now() + (document.hidden ? 80_000 : 20_000)));
    } catch {
      /* full or closed: what is typed here may be offered elsewhere, too */
    }
  };
  note();
  setInterval(note, beat);
  document.addEventListener("visibilitychange", note);
  addEventListener("pageshow", note);
  addEventListener("pagehide", () => remove(alive + id));
}

const partOf = (what) => what.part ?? 0;
const randomID = () => [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** The journal of one open form. */
export class Journal {
  #db;
  #steps = 0;
  #writing = 0; // transactions that are under way
  #record = { id: randomID(), schema };

  /** Opens the journal; null where the browser keeps nothing. */
  static async open() {
    const journal = new Journal();
    try {
      journal.#db = await open();
    } catch {
      return null;
    }
    // Held as long as the page lives: so others tell what was left behind.
    if (navigator.locks) navigator.locks.request(lockOf(journal.#record.id), () => new Promise(() => {}));
    else stayAlive(journal.#record.id);
    return journal;
  }

  /** Tells whether the journal knows at once what was left behind, and not only after a while. */
  get isSure() {
    return navigator.locks !== undefined;
  }

  get id() {
    return this.#record.id;
  }

  #write(run) {
    try {
      const transaction = this.#db.transaction(["records", "steps"], "readwrite");
      this.#writing++;
      transaction.oncomplete = () => this.#writing--;
      transaction.onabort = () => this.onfailure?.(); // most likely the disk is full
      run(transaction.objectStore("records"), transaction.objectStore("steps"));
      transaction.commit?.(); // now: with a page that ends or crashes go those that wait to be asked for more
    } catch {
      this.onfailure?.();
    }
  }

  /** Removes the steps of a record from before that part. */
  #clean(id, part) {
    try {
      const steps = this.#db.transaction("steps", "readwrite").objectStore("steps");
      steps.index("record").openCursor(IDBKeyRange.only(id)).onsuccess = ({ target: { result: cursor } }) => {
        if (!cursor) return;
        if (partOf(cursor.value) < part) cursor.delete();
        cursor.continue();
      };
    } catch {
      /* they are passed over, too, when the record is read */
    }
  }

  /** Writes the whole as the page ends, unless all is written. */
  end(about) {
    if (!this.#writing) return;
    try {
      localStorage.setItem(lastWords + this.#record.id, JSON.stringify({ ...this.#record, ...about, at: Date.now() }));
    } catch {
      /* too long for it */
    }
  }

  /** Writes the whole: what the record is of and its text. */
  begin(about) {
    this.#steps = 0;
    Object.assign(this.#record, about, { at: Date.now(), part: partOf(this.#record) + 1 });
    remove(lastWords + this.#record.id);
    this.#write((records) => records.put(this.#record));
    this.#clean(this.#record.id, this.#record.part);
  }

  /** Writes one change of the Markdown, or of a field. Returns whether it is time to write the whole again. */
  add(step) {
    const { id, part } = this.#record;
    this.#write((_, steps) => steps.add({ ...step, record: id, part, at: Date.now() }));
    return ++this.#steps >= stepsAtMost;
  }

  /** Forgets this form's text, or that of another record. */
  forget(id = this.#record.id) {
    this.#steps = 0;
    remove(lastWords + id);
    if (id !== this.#record.id) remove(alive + id);
    this.#write((records) => records.delete(id));
    this.#clean(id, Infinity);
  }

  /** Returns the records that no open page has, with their steps done, the newest first. */
  async leftBehind() {
    const transaction = this.#db.transaction(["records", "steps"]);
    const [records, steps] = await Promise.all([done(transaction.objectStore("records").getAll()), done(transaction.objectStore("steps").getAll())]);
    const left = [];
    const last = lastOnes();
    for (const record of [...last, ...records.filter(({ id }) => !last.some((one) => one.id === id))]) {
      if (record.id === this.#record.id || !isReadable(record) || !(await isLeft(record.id))) continue;
      if (Date.now() - record.at > forgottenAfter) this.forget(record.id);
      else left.push(last.includes(record) ? record : replay(record, steps.filter((step) => step.record === record.id && partOf(step) === partOf(record))));
    }
    // Those of before may lack what came later.
    return left
      .map((record) => ({ account: "", post: "", key: "", edit: "", ...record, base: isText(record.base) ? record.base : { fields: {}, markdown: "" } }))
      .sort((a, b) => b.at - a.at);
  }
}

// What a program before or after this one wrote may be of another shape.
const isText = (text) => typeof text?.markdown === "string" && typeof text.fields === "object" && text.fields !== null;
const isReadable = (record) => !(record.schema > schema) && isText(record.text);

function remove(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    /* closed, so that nothing is there */
  }
}

/** Returns the records of pages that ended while they wrote. */
function lastOnes() {
  try {
    return Object.keys(localStorage)
      .filter((key) => key.startsWith(lastWords))
      .map((key) => JSON.parse(localStorage.getItem(key)));
  } catch {
    return [];
  }
}

/** Does the steps of a record; what cannot be done ends it, as all that follows builds on it. */
function replay(record, steps) {
  let doc = Text.of(record.text.markdown.split("\n"));
  const fields = { ...record.text.fields };
  let { at } = record;
  try {
    for (const step of steps) {
      if (step.changes) doc = ChangeSet.fromJSON(step.changes).apply(doc);
      else fields[step.field] = step.value;
      at = step.at;
    }
  } catch {
    /* half a journal is better than none */
  }
  return { ...record, at, text: { fields, markdown: doc.toString() } };
}
