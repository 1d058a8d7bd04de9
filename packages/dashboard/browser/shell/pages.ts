import { lazy } from 'preact-iso';

/** Every page: where it is, what it is called in the navigation (`nav` absent: reached from others), and its code, loaded when wanted. */
export const PAGES = [
  { path: '/', nav: 'Cluster', component: lazy(() => import('../pages/cluster/cluster-page.tsx')) },
  { path: '/nodes/:id', component: lazy(() => import('../pages/cluster/node-page.tsx')) },
  { path: '/sessions', nav: 'Sessions', component: lazy(() => import('../pages/sessions/sessions-page.tsx')) },
  { path: '/sessions/:id', component: lazy(() => import('../pages/sessions/session-page.tsx')) },
  {
    path: '/deployments',
    nav: 'Deployments',
    component: lazy(() => import('../pages/deployments/deployments-page.tsx')),
  },
  { path: '/deployments/:id', component: lazy(() => import('../pages/deployments/deployment-page.tsx')) },
  { path: '/events', nav: 'Events', component: lazy(() => import('../pages/events/events-page.tsx')) },
  { path: '/slo', nav: 'SLO', component: lazy(() => import('../pages/slo/slo-page.tsx')) },
  { path: '/tenants', nav: 'Tenants', component: lazy(() => import('../pages/tenants/tenants-page.tsx')) },
  { path: '/tenants/:id', component: lazy(() => import('../pages/tenants/tenant-page.tsx')) },
  { path: '/probes', nav: 'Probes', component: lazy(() => import('../pages/probes/probes-page.tsx')) },
  { path: '/about', nav: 'About', component: lazy(() => import('../pages/about/about-page.tsx')) },
] as const;
