import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, beforeEach, describe, it } from 'node:test';
import { LogFollower } from './log-follower.ts';
import { LogHeap } from './log-heap.ts';
import { mergeLogs } from './log-merge.ts';
import { logFolder, processLogs } from './log-places.ts';
import { FileLog, type LogSource, type TextTest } from './log-reader.ts';
import { LineCutter, type LogRecord, type LogTrouble, MAX_LINE_BYTES, RecordReader } from './log-records.ts';

const line = (ms: number, msg: string): string =>
  `${JSON.stringify({ ts: new Date(Date.UTC(2026, 0, 1) + ms).toISOString(), level: 'info', msg })}\n`;
const all: TextTest = () => true;

async function merged(sources: readonly LogSource[], test = all): Promise<{ words: string[]; troubles: LogTrouble[] }> {
  const troubles: LogTrouble[] = [];
  const words: string[] = [];
  for await (const { line } of mergeLogs(sources, test, (trouble) => troubles.push(trouble))) words.push(`${line.msg}`);
  return { words, troubles };
}

describe('logs of several processes', () => {
  let folder: string;
  const path = (name: string): string => join(folder, name);
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'culvert-logs-'));
  });
  beforeEach(() => {
    rmSync(folder, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'culvert-logs-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('become one, in the order of time; of one moment, in the order of the files, and as they were written', async () => {
    writeFileSync(path('a.log'), line(1, 'a1') + line(5, 'a5') + line(5, 'a5 again') + line(9, 'a9'));
    writeFileSync(path('b.log'), line(0, 'b0') + line(5, 'b5') + line(6, 'b6'));
    const { words } = await merged(await processLogs(folder));
    assert.deepEqual(words, ['b0', 'a1', 'a5', 'a5 again', 'b5', 'b6', 'a9']);
  });

  it('a clock that went back does not change the order in which a process wrote', async () => {
    writeFileSync(path('a.log'), line(10, 'first') + line(2, 'second, by a clock set back') + line(11, 'third'));
    writeFileSync(path('b.log'), line(5, 'other'));
    const { words } = await merged(await processLogs(folder));
    assert.deepEqual(words, ['other', 'first', 'second, by a clock set back', 'third']);
    // What is sorted afterwards, as it is when logs are followed, stays in order, too.
    const reader = new RecordReader('a');
    const records = [10, 2, 11].map((ms) => reader.read(line(ms, 'x').trimEnd())?.ms ?? Number.NaN);
    assert.deepEqual(records, [records[0], records[0], (records[0] ?? 0) + 1]);
  });

  it('what was set aside comes first, and belongs to the same process', async () => {
    writeFileSync(path('a.log.1'), line(1, 'old'));
    writeFileSync(path('a.log'), line(2, 'new'));
    writeFileSync(path('b.log.1'), line(3, 'of one that ended'));
    writeFileSync(path('notes.txt'), line(3, 'no log'));
    const logs = await processLogs(folder);
    assert.deepEqual(
      logs.map(({ name }) => name),
      ['a', 'b'],
    );
    assert.deepEqual((await merged(logs)).words, ['old', 'new', 'of one that ended']);
  });

  it('lines that are no JSON or too long are counted, with the first of them; events without a time are passed over', async () => {
    const crash = 'Error: out of luck\n    at nowhere\n';
    writeFileSync(path('a.log'), `${line(1, 'before')}${crash}{"broken": \n\n{"event":"link.up"}\n${line(2, 'after')}`);
    appendFileSync(path('a.log'), `${'x'.repeat(MAX_LINE_BYTES + 1)}\n${line(3, 'and on')}`);
    const { words, troubles } = await merged(await processLogs(folder));
    assert.deepEqual(words, ['before', 'after', 'and on']);
    assert.deepEqual(troubles, [{ source: 'a', unreadable: 3, tooLong: 1, first: 'Error: out of luck' }]);
  });

  it('files of many chunks are read whole, letters that straddle two included', async () => {
    const count = 12_000;
    const text = Array.from({ length: count }, (_, i) => line(i, `${'ü€'.repeat(i % 23)}${i}`)).join('');
    writeFileSync(path('a.log'), text);
    const { words } = await merged(await processLogs(folder));
    assert.equal(words.length, count);
    assert.ok(words.every((word, i) => word === `${'ü€'.repeat(i % 23)}${i}`));
  });

  it('only what the test lets through is parsed, and reading stops where it is told to', async () => {
    writeFileSync(path('a.log'), line(1, 'one') + line(2, 'two') + line(3, 'three'));
    const [log] = await processLogs(folder);
    assert.ok(log);
    assert.deepEqual((await merged([log], (text) => text.includes('t'))).words, ['one', 'two', 'three']);
    assert.deepEqual((await merged([log], (text) => text.includes('"two"'))).words, ['two']);
    const upTo = Buffer.byteLength(line(1, 'one'));
    assert.deepEqual((await merged([new FileLog('a', [path('a.log')], upTo)])).words, ['one']);
  });

  it('a heap sorts what came in any order', async () => {
    const stream = Readable.from([Buffer.from(line(7, 'seven') + line(9, 'nine') + line(1, 'one'))]);
    const heap = await LogHeap.ofStream(stream, all);
    assert.deepEqual((await merged([heap])).words, ['one', 'seven', 'nine']);
    assert.deepEqual((await merged([heap])).words, ['one', 'seven', 'nine'], 'again');
  });

  it('a folder that is not there is told with what to do', () => {
    const missing = { code: 'config_invalid', fix: /--data-dir/ };
    assert.throws(() => logFolder('/nonexistent', '/'), missing);
    assert.throws(() => logFolder(undefined, folder), missing);
  });

  describe('that are followed', () => {
    let stop: AbortController;
    let batches: AsyncIterator<LogRecord[]>;
    const seen: string[] = [];
    const follow = async (): Promise<void> => {
      stop = new AbortController();
      batches = (await LogFollower.atEnd(folder, all)).batches(stop.signal);
      seen.length = 0;
    };
    /** Goes on until this was written, by whatever comes first: a sign, or the look that comes anyway. */
    const until = async (last: string): Promise<string[]> => {
      while (seen.at(-1) !== last) {
        const { value, done } = await batches.next();
        assert.notEqual(done, true);
        seen.push(...value.map(({ line: { msg } }: LogRecord) => String(msg)));
      }
      return seen;
    };

    it('go on through rotation by copy and by renaming, and with processes that come', {
      timeout: 30_000,
    }, async () => {
      writeFileSync(path('a.log'), line(0, 'history'));
      writeFileSync(path('a.log.1'), line(0, 'older history'));
      await follow();
      appendFileSync(path('a.log'), line(1, 'one'));
      assert.deepEqual(await until('one'), ['one']);

      // What is written between the last look and the copy is not lost.
      appendFileSync(path('a.log'), line(2, 'two'));
      copyFileSync(path('a.log'), path('a.log.1'));
      truncateSync(path('a.log'));
      appendFileSync(path('a.log'), line(3, 'three'));
      assert.deepEqual(await until('three'), ['one', 'two', 'three']);

      renameSync(path('a.log'), path('a.log.1'));
      writeFileSync(path('a.log'), line(4, 'four'));
      writeFileSync(path('b.log'), line(5, 'five, of another process'));
      assert.deepEqual(await until('five, of another process'), [
        ...['one', 'two', 'three', 'four'],
        'five, of another process',
      ]);
      stop.abort();
      assert.equal((await batches.next()).done, true);
    });
  });
});

describe('a cutter of lines', () => {
  it('goes on after a line that is too long, wherever the chunks end', () => {
    const cutter = new LineCutter();
    const long = 'y'.repeat(MAX_LINE_BYTES);
    const told = [`a\n${long}`, long, 'y\nb', 'c\n'].flatMap((chunk) => cutter.push(Buffer.from(chunk)));
    assert.deepEqual([told, cutter.tooLong], [['a', 'bc'], 1]);
  });
});
