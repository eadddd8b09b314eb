"""What every program here begins with: `import programs` before all else; importing it is all there is to do.

The checkout's own Python and Node.js are found first then, jsii has a folder for its packages, what nobody has foreseen
ends in one line (`last_resort`), and Terraform logs no secrets (`terraform_log`). Node.js starts with the first import
of anything below `constructs`, so that none of this would do later.
"""

import os

from programs import last_resort, terraform_log
from programs.own_tools import ROOT, own_tools

os.environ.update(own_tools(os.environ, ROOT))
last_resort.install()
terraform_log.switch_off()
