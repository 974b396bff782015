import { routerSuite } from './support/router-suite.js';
import { hiveCalledBack } from './support/routers.js';

routerSuite(hiveCalledBack);
