// CDK puts notifications on a bucket by a function of its own, which calls S3 once at each deployment. The twin reads
// the configuration itself, and does not run that function.

import type { Template } from './template.ts';

export const customResource = 'Custom::S3BucketNotifications';

/** By name; their properties count as read, for what they do is done. */
export function notificationProviders(template: Template): ReadonlySet<string> {
  const tokens = new Set(
    template.resources(customResource).map(({ properties }) => String(properties.ServiceToken)),
  );
  const providers = template
    .resources('AWS::Lambda::Function')
    .filter((resource) => tokens.has(resource.attribute('Arn')));
  return new Set(
    providers.map(({ name, properties }) => {
      JSON.stringify(properties);
      return name;
    }),
  );
}
