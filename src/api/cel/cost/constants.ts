/** Costs that the estimate and the evaluation share. */

/** Two checks of authorization fit in the budget of one expression. */
export const checkCost = 350_000;

/** Functions that cost one unit whatever their arguments are. */
export const oneUnitFunctions: ReadonlySet<string> = new Set([
  'serviceAccount',
  'path',
  'group',
  'resource',
  'subresource',
  'namespace',
  'name',
  'allowed',
  'reason',
  'error',
  'errored',
  'masked',
  'prefixLength',
  'family',
  'isUnspecified',
  'isLoopback',
  'isLinkLocalMulticast',
  'isLinkLocalUnicast',
  'isGlobalUnicast',
  'format.named',
  'sign',
  'asInteger',
  'isInteger',
  'asApproximateFloat',
  'isGreaterThan',
  'isLessThan',
  'compareTo',
  'add',
  'sub',
  'major',
  'minor',
  'patch',
  'getScheme',
  'getHostname',
  'getHost',
  'getPort',
  'getEscapedPath',
  'getQuery',
]);

/** The cost of parsing a selector of `size` characters: a list of requirements with at least two characters each. */
export const selectorCost = (size: number) =>
  10 + Math.ceil(size * 0.1) + Math.ceil(Math.ceil(size * 0.5) * 50);
