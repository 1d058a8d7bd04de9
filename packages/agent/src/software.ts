/** Kept equal to package.json by a test. */
const VERSION = '0.2.0';

/** How the agent and the local proxy name themselves to workers; shown in their logs. */
export const SOFTWARE = `culvert-agent/${VERSION}`;
export const LOCAL_PROXY_SOFTWARE = `culvert-proxy/${VERSION}`;
