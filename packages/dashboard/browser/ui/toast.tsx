import { useEffect, useState } from 'preact/hooks';

const SHOWN_MS = 6_000;
let tell: ((text: string) => void) | undefined;

/** Says to all, sighted or not, that something was done. */
export function announce(text: string): void {
  tell?.(text);
}

/** Where that is said; the shell has one. */
export function Announcements() {
  const [text, setText] = useState('');
  useEffect(() => {
    tell = setText;
    return () => {
      tell = undefined;
    };
  }, []);
  useEffect(() => {
    if (text === '') return;
    const timer = setTimeout(() => setText(''), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class={text === '' ? 'toast' : 'toast shown'} role="status">
      {text}
    </div>
  );
}
