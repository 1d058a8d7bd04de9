// A version that starts and fails its verification: connections of its workers cannot be resumed.
process.argv.push('--resume-window', '0s');
await import('../../../../../../../../packages/cli/src/main.ts');
