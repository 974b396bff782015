import { routerSuite } from './support/router-suite.js';
import { apollo } from './support/routers.js';

routerSuite(apollo);
