/** Whether the caller takes compressed answers. */

export function takesGzip(acceptEncoding: string | string[] | undefined): boolean {
  return typeof acceptEncoding === 'string' && /(?:^|,)\s*gzip\s*(?:,|;|$)/.test(acceptEncoding);
}
