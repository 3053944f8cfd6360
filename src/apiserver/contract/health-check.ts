/** A check of `/healthz`, `/livez` or `/readyz`: returns why it fails now, if it does. */

export type HealthCheck = () => string | undefined;
