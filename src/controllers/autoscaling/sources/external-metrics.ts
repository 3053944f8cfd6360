/** Metrics that belong to no object of the cluster, from `external.metrics.k8s.io/v1beta1`. */

import type { Selector } from '#api/selectors/selector.ts';
import { encodePath } from '#base/net/url-path.ts';
import { itemsOf, thousandthsOf } from './decode.ts';
import type { Requests } from './requests.ts';
import { NoMetrics } from './resource-metrics.ts';

const group = 'external.metrics.k8s.io';
const api = 'external metrics API';

/** All values that the selector matches, in thousandths. Throws with upstream's text. */
export async function readExternalMetric(
  requests: Requests,
  namespace: string,
  metric: string,
  selector: Selector,
): Promise<bigint[]> {
  const query = new URLSearchParams();
  if (selector.toString()) query.set('labelSelector', selector.toString());
  const path = `/apis/${group}/v1beta1/namespaces/${encodePath(namespace)}/${encodePath(metric)}`;
  const subject = { group, resource: `${metric}.${group}` };
  const answer = await requests.get(query.size === 0 ? path : `${path}?${query}`, subject);
  const items = itemsOf(answer, api);
  if (items.length === 0) throw new NoMetrics(`no metrics returned from ${api}`);
  return items.map(({ value }) => thousandthsOf(value));
}
