/** Signs the tokens of a site's buyers. */
export const SITE_SECRET = 'a-secret-of-this-test-site-and-no-other';
export const ROUTER_SECRET = 'a-router-secret-of-this-site-and-no-other';
