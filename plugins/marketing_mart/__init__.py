"""Ad, CRM, shop, web, email and offline data to one tested marketing mart."""
