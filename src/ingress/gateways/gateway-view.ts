/** The objects of the Gateway API that routes are made of, beside those of every route. */

import type { Stored } from '#api/meta/object.ts';
import type { View } from '../objects/view.ts';
import type { Gateway, GatewayClass, GrpcRoute, HttpRoute, ReferenceGrant } from './kinds.ts';

export interface GatewayView extends View {
  classes(): readonly Stored<GatewayClass>[];
  gateways(): readonly Stored<Gateway>[];
  httpRoutes(): readonly Stored<HttpRoute>[];
  grpcRoutes(): readonly Stored<GrpcRoute>[];
  grants(): readonly Stored<ReferenceGrant>[];
}
