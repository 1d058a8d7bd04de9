export { type DashboardFile, loadDashboard } from './files.ts';
