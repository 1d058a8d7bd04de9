import type { LiveSession } from '@culvert/contracts';
import { useEffect, useState } from 'preact/hooks';
import { EventFeed, type FeedState } from '../../api/event-feed.ts';
import { type Sample, withSample } from './samples.ts';

export interface LiveView {
  /** As it was told last; undefined: nothing was told yet. */
  readonly live: LiveSession | undefined;
  /** The telling before that. */
  readonly before: LiveSession | undefined;
  readonly samples: readonly Sample[];
  /** The registry has it no more. */
  readonly gone: boolean;
  readonly feed: FeedState;
}

const NOTHING: LiveView = { live: undefined, before: undefined, samples: [], gone: false, feed: 'connecting' };

/** One session, told each second, with what its page keeps of the last five minutes; while `wanted`. */
export function useLiveSession(id: string, wanted: boolean): LiveView {
  const [view, setView] = useState<LiveView>(NOTHING);
  useEffect(() => {
    setView(NOTHING);
    if (!wanted) return;
    const feed = new EventFeed(`/v1/sessions/${encodeURIComponent(id)}/live`, ['session', 'gone'], (type, data) => {
      setView((last) => (type === 'gone' ? { ...last, gone: true } : told(last, data as LiveSession)));
    });
    feed.onState((state) => setView((last) => ({ ...last, feed: state })));
    feed.open();
    return () => feed.close();
  }, [id, wanted]);
  return view;
}

function told(last: LiveView, live: LiveSession): LiveView {
  return { ...last, live, before: last.live, samples: withSample(last.samples, live), gone: false };
}
