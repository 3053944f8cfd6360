/** Host names of listeners and routes: a wildcard stands for any number of labels. */

/** The names that both match, the more exact of each pair; undefined when there are none. No names match every host. */
export function intersection(listener: string | undefined, route: readonly string[]): string[] | undefined {
  const own = listener === undefined || listener === '' ? undefined : listener.toLowerCase();
  if (route.length === 0) return [own ?? ''];
  const common = route.map((name) => name.toLowerCase()).flatMap((name) => commonName(own, name));
  return common.length === 0 ? undefined : common;
}

function commonName(listener: string | undefined, route: string): string[] {
  if (listener === undefined || covers(listener, route)) return [route];
  return covers(route, listener) ? [listener] : [];
}

/** Whether every host that `inner` matches is matched by `outer`. */
export function covers(outer: string, inner: string): boolean {
  if (outer === '' || outer === inner) return true;
  return (
    outer.startsWith('*.') && inner.replace(/^\*/, '').endsWith(outer.slice(1)) && inner !== outer.slice(2)
  );
}

/** The most exact of the listeners' names that match a host; the listener of that name serves it alone. */
export function closest(names: readonly string[], host: string): string | undefined {
  const matching = names.filter((name) => covers(name, host));
  return matching.includes(host) ? host : matching.toSorted((a, b) => b.length - a.length)[0];
}
