import type { Me } from '@culvert/contracts';
import { useState } from 'preact/hooks';
import { Route, Router, useLocation } from 'preact-iso';
import { useFeedState, useLiveFeeds } from '../api/live.ts';
import { Empty } from '../ui/empty.tsx';
import { Page } from '../ui/page.tsx';
import { Announcements } from '../ui/toast.tsx';
import { Failures } from './failures.tsx';
import { PAGES } from './pages.ts';
import { SignInHint } from './sign-in-hint.tsx';
import { signOutOrSay } from './sign-out.ts';
import { ThemeChoice } from './theme.tsx';

/** What is around every page: the way to the others, who one is, whether the page is live. */
export function Shell({ me }: { readonly me: Me }) {
  useLiveFeeds();
  const { path } = useLocation();
  const [open, setOpen] = useState(false);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <aside class={open ? 'side open' : 'side'}>
        <div class="brand">
          <a href="/">Culvert</a>
          <button
            type="button"
            class="button quiet menu"
            aria-expanded={open}
            aria-controls="nav"
            onClick={() => setOpen(!open)}
          >
            Menu
          </button>
        </div>
        <div id="nav" class="drawer">
          <nav aria-label="Pages">
            <ul>
              {PAGES.map((page) =>
                'nav' in page ? (
                  <li key={page.path}>
                    <a
                      href={page.path}
                      aria-current={isAt(path, page.path) ? 'page' : undefined}
                      onClick={() => setOpen(false)}
                    >
                      {page.nav}
                    </a>
                  </li>
                ) : null,
              )}
            </ul>
          </nav>
          <div class="side-foot">
            <Live />
            <ThemeChoice />
            <p class="faint">
              {me.label ?? me.keyId} · {me.role}
            </p>
            {me.by === 'cookie' ? (
              <button type="button" class="button quiet" onClick={signOutOrSay}>
                Sign out
              </button>
            ) : null}
          </div>
        </div>
      </aside>
      <main id="main">
        <SignInHint />
        <Failures key={path}>
          <Router>
            {PAGES.map(({ path: at, component }) => (
              <Route key={at} path={at} component={component} />
            ))}
            <Route default component={Lost} />
          </Router>
        </Failures>
      </main>
      <Announcements />
    </div>
  );
}

function isAt(path: string, page: string): boolean {
  return page === '/' ? path === '/' || path.startsWith('/nodes/') : path === page || path.startsWith(`${page}/`);
}

function Live() {
  const state = useFeedState();
  const words = { connecting: 'Connecting …', live: 'Live', lost: 'Not live: trying again' } as const;
  return (
    <p class={`live ${state}`} role="status">
      <span aria-hidden="true">●</span> {words[state]}
    </p>
  );
}

function Lost() {
  return (
    <Page title="There is no such page">
      <Empty title="The address leads nowhere.">
        <p>
          The <a href="/">cluster’s page</a> leads everywhere else.
        </p>
      </Empty>
    </Page>
  );
}
