import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { plain } from './line.ts';
import { Screen, type Terminal, terminalOf } from './screen.ts';

class FakeTerminal implements Terminal {
  readonly isTTY = true;
  columns = 20;
  rows = 10;
  written = '';

  write(text: string): void {
    this.written += text.replaceAll('\u001b[', '^');
  }

  /** What was written since the last call. */
  take(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

const lines = (...texts: string[]) => texts.map(plain);

describe('a screen', () => {
  it('draws in place, in one piece, and only what has changed', () => {
    const to = new FakeTerminal();
    const screen = new Screen(to);
    screen.draw(lines('one', 'two'));
    assert.equal(to.take(), '^?25l^?2026hone^K\ntwo^K\n^J^?2026l');
    screen.draw(lines('one', 'two'));
    assert.equal(to.take(), '');
    screen.draw(lines('three'));
    assert.equal(to.take(), '^?2026h^2A\rthree^K\n^J^?2026l');
    screen.draw(lines('a line that is longer than it'));
    assert.match(to.take(), /\^1A\ra line that is long…\^K\n/);
    screen.end();
    assert.equal(to.take(), '^?25h');
  });

  it('finds its place again when the terminal became narrower', () => {
    const to = new FakeTerminal();
    const screen = new Screen(to);
    screen.draw(lines('0123456789abcdef', '', 'x'));
    to.columns = 8;
    screen.draw(lines('short'));
    assert.match(to.take(), /\^4A\rshort/); // two rows, an empty one, and one
  });

  it('is drawn only where somebody sits, at a terminal that can do so', () => {
    const to = new FakeTerminal();
    assert.equal(terminalOf(to, {}), to);
    assert.equal(terminalOf(to, { TERM: 'dumb' }), null);
    assert.equal(terminalOf({ write: () => true }, {}), null);
  });
});
