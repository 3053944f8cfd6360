/** This machine's architecture as in images and node labels: Go's name for it. */

const goNames: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64', arm: 'arm' };

export const architecture = goNames[process.arch] ?? process.arch;
