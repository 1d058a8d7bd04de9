/** How the agent names itself to workers; shown in their logs. Kept equal to package.json by a test. */
export const SOFTWARE = 'culvert-agent/0.1.0';
